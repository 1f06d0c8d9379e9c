// What a command shows to a server that asks for a token.
// T1. A token that the user has named (MAESTRO_TOKEN) goes to the URL that the user has named.
// T2. A token in `~/.maestro/token` goes only to the server that wrote it: the server proves that it knows the secret
//     beside the token, on the very connection on which the token is then sent. The proof holds for the server's address
//     and port, so that whoever listens elsewhere cannot pass on the question and use the answer.
import { randomBytes } from 'node:crypto';
import http, { type ClientRequestArgs, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import {
  plainAddress,
  PROOF_PATH,
  ServerEntries,
  serverProof,
  type ServerEnd,
  type ServerEntry,
} from '../platform/server-proof.ts';
import { readTextFileSync, UnusableFile } from '../platform/text-file.ts';
import { CliError, exitCodes } from './errors.ts';
import { ServerAway } from './refusals.ts';

export interface Credentials {
  /** Named by the user. */
  token?: string | undefined;
  /** The path of `~/.maestro/token`, read anew for each connection: a server that starts again writes a new secret. */
  tokenFile?: string | undefined;
}

/** What a request needs beside its own words. */
export interface Access {
  headers: OutgoingHttpHeaders;
  /** The connection that the request must take; to be destroyed after it. */
  agent?: http.Agent;
}

const mostFileBytes = 1024 * 1024;
const mostAnswerBytes = 4 * 1024;
const nonceBytes = 32;

/** @throws ServerAway when the server under the URL should prove itself and does not; what a lost connection throws */
export async function accessTo(
  url: string,
  { token, tokenFile }: Credentials,
  signal: AbortSignal,
): Promise<Access> {
  if (token !== undefined) return { headers: bearer(token) };
  const entries = entriesIn(tokenFile).filter((entry) => originOf(entry.url) === originOf(url));
  if (entries.length === 0) return { headers: {} };
  const agent = new OneConnection();
  try {
    const nonce = randomBytes(nonceBytes).toString('hex');
    const { proof, end } = await askForProof(`${url}${PROOF_PATH}?nonce=${nonce}`, agent, signal);
    const writer = entries.find(({ secret }) => serverProof(secret, nonce, end) === proof);
    if (writer === undefined) throw notProven(url);
    return { headers: bearer(writer.token), agent };
  } catch (thrown) {
    agent.destroy();
    throw thrown;
  }
}

/**
 * The URL under which a server is called: names of the loopback stand for each other, and the one that the server wrote
 * down is taken. Under another one, another server may listen.
 */
export function calledUrl(url: string, tokenFile: string): string {
  const entries = entriesIn(tokenFile).sort((one, other) => other.startedAt - one.startedAt);
  if (entries.some((entry) => originOf(entry.url) === originOf(url))) return url;
  for (const entry of entries) {
    const [asked, written] = [new URL(url), new URL(entry.url)];
    if (!loopbackNames.has(asked.hostname) || !loopbackNames.has(written.hostname)) continue;
    asked.hostname = written.hostname;
    if (asked.origin === written.origin) return asked.href.replace(/\/+$/, '');
  }
  return url;
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

const bearer = (token: string): OutgoingHttpHeaders => ({ authorization: `Bearer ${token}` });

const originOf = (url: string): string => new URL(url).origin;

/** A file that cannot be used holds no token, nor does an entry of another form. A proof needs a connection without TLS. */
function entriesIn(tokenFile: string | undefined): ServerEntry[] {
  if (tokenFile === undefined) return [];
  try {
    const text = readTextFileSync(tokenFile, mostFileBytes) ?? '{}';
    const { servers } = z.object({ servers: z.array(z.unknown()) }).parse(JSON.parse(text));
    return servers
      .flatMap((entry) => ServerEntries.shape.servers.element.safeParse(entry).data ?? [])
      .filter((entry) => entry.url.startsWith('http:'));
  } catch (thrown) {
    if (thrown instanceof UnusableFile || thrown instanceof SyntaxError || thrown instanceof z.ZodError)
      return [];
    throw thrown;
  }
}

/** Opens a connection for its first request, and none after it: what was proven holds for that connection only. */
class OneConnection extends http.Agent {
  #socket: Socket | undefined;

  constructor() {
    super({ keepAlive: true, maxSockets: 1 });
  }

  /** The server's end of it. */
  get end(): ServerEnd {
    return {
      address: plainAddress(this.#socket?.remoteAddress ?? ''),
      port: this.#socket?.remotePort ?? 0,
    };
  }

  override getName(): string {
    return 'the connection';
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    if (this.#socket === undefined) {
      this.#socket = super.createConnection(options) as Socket; // as options name no other kind of connection
      return this.#socket;
    }
    callback?.(new Error('the server closed the connection on which it had proven itself'), this.#socket);
    return undefined;
  }
}

async function askForProof(
  url: string,
  agent: OneConnection,
  signal: AbortSignal,
): Promise<{ proof: string | undefined; end: ServerEnd }> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    http
      .get(url, { agent, signal, headers: { accept: 'application/json' } })
      .on('response', resolve)
      .on('error', reject);
  });
  const { end } = agent;
  let text = '';
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > mostAnswerBytes) return { proof: undefined, end };
  }
  return { proof: proofIn(text), end };
}

function proofIn(text: string): string | undefined {
  try {
    return z.object({ proof: z.string() }).safeParse(JSON.parse(text)).data?.proof;
  } catch {
    // Something else than a Maestro server.
    return undefined;
  }
}

const notProven = (url: string): ServerAway =>
  new ServerAway(
    new CliError(
      'SERVER_NOT_PROVEN',
      `the server at ${url} did not prove that it wrote ~/.maestro/token; the token was not sent to it`,
      {
        exitCode: exitCodes.noConnection,
        suggestion:
          'Another program may listen there. If the server was started without a token, delete ~/.maestro/token; ' +
          'a token in MAESTRO_TOKEN is sent without a proof.',
      },
    ),
    0,
  );
