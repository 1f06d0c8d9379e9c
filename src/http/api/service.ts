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
          setAside: files
            .extend({ folder: z.string() })
            .describe('Files that could not be read, and the folder to which they were moved.'),
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

export const getProof = endpoint({
  method: 'get',
  path: '/proof',
  summary: 'Whether this server wrote its entry in `~/.maestro/token`',
  description:
    'For a client that has found a token in that file and asks, before it sends the token, whether the program that listens is the server that wrote the entry. ' +
    'The proof is HMAC-SHA256, keyed with the text of `secret` in the entry, over four lines with a line feed between them: `maestro-proof`, the nonce as given, ' +
    "and the address and the port of the server's end of this connection (an IPv4 address always as IPv4). " +
    'A proof holds for its connection only, so the token has to go out on the same one. Needs no token; 404 where none is set.',
  query: z.object({
    nonce: z
      .string()
      .max(128, 'must be 32 to 128 hexadecimal digits')
      .regex(/^[0-9a-f]{32,128}$/i, 'must be 32 to 128 hexadecimal digits')
      .describe('Chosen by the client, anew each time.'),
  }),
  answers: { 200: z.object({ proof: z.string().describe('64 hexadecimal digits.') }) },
  refuses: ['NOT_FOUND'],
  needsNoToken: true,
});
