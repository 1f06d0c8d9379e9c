import { z } from 'zod';
import { Milliseconds } from '../../domain/fields.ts';
import { endpoint } from './endpoint.ts';

const count = z.number().int();

export const getHealth = endpoint({
  method: 'get',
  path: '/health',
  summary: 'Whether the server is there, and how its disk is',
  answers: {
    200: z
      .object({
        status: z.enum(['ok', 'degraded']).describe('`degraded` while the disk refuses writes.'),
        timestamp: Milliseconds,
        uptime: z.number().describe('Seconds.'),
        version: z.string(),
        storage: z.looseObject({ state: z.string() }),
        seq: count.describe('The number of the last fact.'),
        counts: z.object({ projects: count, tasks: count, sessions: count, supervisors: count }),
      })
      .meta({ id: 'Health' }),
  },
});

export const getWatchers = endpoint({
  method: 'get',
  path: '/ws-status',
  summary: 'Who watches',
  answers: {
    200: z.object({
      connectedClients: count,
      clients: z.array(
        z.object({
          readyState: count,
          readyStateText: z.enum(['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED']),
        }),
      ),
    }),
  },
});
