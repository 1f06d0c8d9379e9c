// That a server proves that it wrote its entry in `~/.maestro/token`, and to whom the proof is of use.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PROOF_PATH, ServerEntries, serverProof } from '../../src/platform/server-proof.ts';
import { raw } from '../support/raw.ts';
import { startProcess, startServer } from '../support/server.ts';

const nonce = (): string => randomBytes(32).toString('hex');

async function withEntry(more: Record<string, string> = {}) {
  const server = await startProcess({ MAESTRO_TOKEN: 'secret', ...more });
  const text = readFileSync(join(server.folder, '.maestro/token'), 'utf8');
  const [entry] = ServerEntries.parse(JSON.parse(text)).servers;
  if (!entry) throw new Error('there is no entry');
  return { ...server, entry };
}

/** By one agent's connections: the status, the body and the socket of an answer. */
function ask(agent: Agent, url: string, path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; body: any; socket: Socket }>((resolve, reject) => {
    const sent = request(url + path, { agent, headers }, (response) => {
      let text = '';
      response.on('data', (data) => (text += String(data)));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text), socket: sent.socket as Socket }),
      );
    });
    sent.on('error', reject).end();
  });
}

describe('a server with a token', () => {
  it.each(['', '127.0.0.1', '::1', '0.0.0.0', '::'])(
    'proves that it wrote its entry, without the token, for the connection that is asked on (HOST=%s)',
    async (host) => {
      const { printedUrl, entry } = await withEntry({ HOST: host });
      expect(entry.url).toBe(printedUrl);
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      onTestFinished(() => agent.destroy());
      const own = nonce();
      const { status, body, socket } = await ask(agent, entry.url, `${PROOF_PATH}?nonce=${own}`);
      const end = { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
      expect([status, body]).toEqual([200, { proof: serverProof(entry.secret, own, end) }]);
      // The token then goes out on the same connection.
      const { localPort } = socket;
      const after = await ask(agent, entry.url, '/health', { authorization: `Bearer ${entry.token}` });
      expect([after.status, after.socket.localPort]).toEqual([200, localPort]);
      for (const [secret, otherNonce, otherEnd] of [
        [entry.secret.replace(/^./, (digit) => (digit === '0' ? '1' : '0')), own, end],
        [entry.secret, nonce(), end],
        [entry.secret, own, { ...end, port: end.port + 1 }],
        [entry.secret, own, { ...end, address: '127.0.0.2' }],
      ] as const)
        expect(body.proof).not.toBe(serverProof(secret, otherNonce, otherEnd));
    },
  );

  it('refuses a nonce that is none with 400, naming it', async () => {
    const { api } = await withEntry();
    for (const bad of ['', 'a'.repeat(31), 'a'.repeat(129), 'g'.repeat(32), `${'a'.repeat(32)}%0a`]) {
      const { status, body } = await api.get(`${PROOF_PATH}?nonce=${bad}`);
      expect([bad, status, body.code]).toEqual([bad, 400, 'VALIDATION_ERROR']);
      expect(body.details).toHaveProperty('nonce');
    }
  });

  it('answers nothing else without the token, and proves nothing to a foreign host', async () => {
    const { api } = await withEntry();
    const asked = `${PROOF_PATH}?nonce=${nonce()}`;
    expect((await api.get(`/t/wrong${asked}`)).status).toBe(200);
    for (const path of [`${PROOF_PATH}/x`, `/x${asked}`, '/proofs', `/health?x=${PROOF_PATH}`])
      expect((await raw(api.url, path)).status).toBe(401);
    expect((await raw(api.url, asked, { method: 'POST' })).status).toBe(401);
    expect((await raw(api.url, asked, { headers: { host: 'evil.example' } })).status).toBe(403);
    expect((await raw(api.url, asked, { headers: { origin: 'http://evil.example' } })).status).toBe(403);
  });
});

it('a server without a token has nothing to prove: 404', async () => {
  const { api } = await startServer();
  for (const query of ['', `?nonce=${nonce()}`]) {
    const { status, body } = await api.get(PROOF_PATH + query);
    expect([status, body.code]).toEqual([404, 'NOT_FOUND']);
  }
});
