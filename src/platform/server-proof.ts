// How a server proves that it wrote an entry of `~/.maestro/token`: by a keyed hash with the secret of that entry.
import { createHmac } from 'node:crypto';
import { z } from 'zod';

/** The path that answers with a proof: `GET /proof?nonce=…`. */
export const PROOF_PATH = '/proof';

/** One server that asks for a token, as `~/.maestro/token` lists it. */
const ServerEntry = z.object({
  url: z.url(),
  token: z.string().min(1),
  secret: z.string().regex(/^[0-9a-f]{64}$/),
  startedAt: z.number().int(),
});
export type ServerEntry = z.infer<typeof ServerEntry>;

/** The content of `~/.maestro/token`. */
export const ServerEntries = z.object({ servers: z.array(ServerEntry) });

/** The server's end of the TCP connection on which the proof is asked for. */
export interface ServerEnd {
  address: string;
  port: number;
}

/** An IPv4 address on an IPv6 socket as plain IPv4; any other address unchanged. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/**
 * The proof for one nonce on one connection. The address and the port are part of it, so a program that listens
 * elsewhere and asks the real server has no use for the answer.
 */
export const serverProof = (secret: string, nonce: string, { address, port }: ServerEnd): string =>
  createHmac('sha256', secret)
    .update(['maestro-proof', nonce, plainAddress(address), port].join('\n'))
    .digest('hex');
