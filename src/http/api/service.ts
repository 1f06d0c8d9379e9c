import { z } from 'zod';
import { Milliseconds } from '../../domain/fields.ts';
import { endpoint } from './endpoint.ts';

const count = z.number().int();
const files = z.object({
  count,
  records: z.array(z.object({ path: z.string(), reason: z.string() })).describe('The first twenty.'),
});

export const getHealth = endpoint({
  method: 'get',
  path: '/health',
  summary: 'Whether the server is there, and how its disk is',
  answers: {
    200: z
      .object({
        status: z
          .enum(['ok', 'degraded'])
          .describe('`degraded` while the disk refuses writes, or a file cannot be written.'),
        timestamp: Milliseconds,
        uptime: z.number().describe('Seconds.'),
        version: z.string(),
        storage: z.object({
          state: z.enum(['ok', 'refusing']),
          reason: z.string().optional(),
          behindBytes: count.describe('Of the journal, whose changes are not in the files yet.'),
          unwritten: files.describe(
            'Records whose files cannot be written: their changes stay in the journal.',
          ),
          setAside: files.describe('Files that could not be read; they are in `quarantine/` below DATA_DIR.'),
        }),
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
