// Who may ask: Host, Origin, the token, OPTIONS.
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { raw } from '../support/raw.ts';
import { startServer } from '../support/server.ts';
import { refusal, upgrade } from '../support/upgrade.ts';

describe('who asks', () => {
  it.each(['evil.example', 'evil.example:3000', '127.0.0.1.evil.example', '0.0.0.0', '10.0.0.1'])(
    'for the foreign host %s is refused with 403',
    async (host) => {
      const { api } = await startServer();
      for (const path of ['/health', '/api/projects', '/nothing']) {
        const { status, body } = await raw(api.url, path, { headers: { host } });
        expect([status, body.code]).toEqual([403, 'FORBIDDEN']);
      }
    },
  );

  it.each(['localhost', 'localhost:1', '127.0.0.1', '[::1]:3000', 'LOCALHOST', 'maestro.example:8443'])(
    'for %s is answered',
    async (host) => {
      const { api } = await startServer({ SERVER_URL: 'https://maestro.example' });
      expect((await raw(api.url, '/health', { headers: { host } })).status).toBe(200);
    },
  );

  it.each([
    'tauri://localhost',
    'http://tauri.localhost',
    'https://tauri.localhost',
    'http://localhost:1420',
    'http://127.0.0.1:5173',
    'https://app.example',
  ])('from %s is answered, and its page may read that, errors too', async (origin) => {
    const { api } = await startServer({ CORS_ORIGINS: 'https://app.example, https://b.example' });
    for (const path of ['/api/projects', '/nothing']) {
      const { headers } = await raw(api.url, path, { headers: { origin } });
      expect(headers['access-control-allow-origin']).toBe(origin);
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
    }
  });

  it('gets 204 to OPTIONS on every path, without a token', async () => {
    const { api } = await startServer({ MAESTRO_TOKEN: 'secret' });
    for (const path of ['/api/projects', '/health', '/nothing']) {
      const headers = { origin: 'http://localhost:1420', 'access-control-request-method': 'PATCH' };
      const answer = await raw(api.url, path, { method: 'OPTIONS', headers });
      expect(answer.status).toBe(204);
      expect(answer.headers['access-control-allow-methods']).toBe('GET, POST, PUT, PATCH, DELETE');
      expect(answer.headers['access-control-allow-headers']).toBe(
        'content-type, authorization, prefer, idempotency-key',
      );
      expect(answer.headers['access-control-allow-origin']).toBe('http://localhost:1420');
    }
  });

  it('needs the token on every path where one is set, as a header or as a prefix of the path', async () => {
    const { api } = await startServer({ MAESTRO_TOKEN: 'se cret' });
    for (const path of [
      '/health',
      '/api/projects',
      '/nothing',
      '/t/wrong/health',
      '/health?token=se%20cret',
    ]) {
      const { status, body } = await raw(api.url, path, { headers: { authorization: 'Bearer wrong' } });
      expect([status, body.code]).toEqual([401, 'UNAUTHORIZED']);
    }
    expect((await api.get('/health', { authorization: 'Bearer se cret' })).status).toBe(200);
    expect((await api.get('/t/se%20cret/api/projects')).status).toBe(200);
  });

  it.each(['s', 'secre', 'secret1', 'secretsecret', 'SECRET', ' secret', 'secret,secret', '%73ecret'])(
    'with "%s" in place of the token is refused',
    async (given) => {
      const { api } = await startServer({ MAESTRO_TOKEN: 'secret' });
      for (const authorization of [`Bearer ${given}`, given, `Basic ${given}`, `Bearer secre ${given}`]) {
        if (/^Bearer +secret$/.test(authorization)) continue;
        expect((await raw(api.url, '/health', { headers: { authorization } })).status).toBe(401);
      }
    },
  );

  it('from a page without an origin of its own is refused, also where CORS_ORIGINS opens it to all', async () => {
    const { api } = await startServer({ CORS_ORIGINS: '*' });
    const asked = (origin: string) => raw(api.url, '/api/projects', { headers: { origin } });
    expect((await asked('http://anybody.example')).status).toBe(200);
    const { status, body, headers } = await asked('null');
    expect([status, body.code]).toEqual([403, 'FORBIDDEN']);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    const socket = upgrade(api.url, '/ws', { origin: 'null' });
    expect(await refusal(socket)).toEqual([403, 'FORBIDDEN']);
  });

  it.each([
    ['[::1]:3000', 'http://[::1]:3000'],
    ['[::1]', 'http://[::1]'],
    ['127.0.0.1', 'http://127.0.0.1'],
    ['localhost', 'http://localhost'],
    ['LOCALHOST:80', 'http://localhost:80'],
    ['maestro.example', 'https://maestro.example'],
  ])('from a page that this server has served is answered: Host %s, Origin %s', async (host, origin) => {
    const { api } = await startServer({ SERVER_URL: 'https://maestro.example' });
    expect((await raw(api.url, '/health', { headers: { host, origin } })).status).toBe(200);
  });

  it.each([
    ['[::1]:3000', 'http://[::1]:3001'],
    ['[::1]:3000', 'https://[::1]:3000'],
    ['localhost', 'http://127.0.0.1'],
    ['evil.example', 'http://evil.example'],
    ['maestro.example', 'http://maestro.example'],
    ['localhost', 'http://localhost.evil.example'],
  ])('from a page of another server is refused: Host %s, Origin %s', async (host, origin) => {
    const { api } = await startServer({ SERVER_URL: 'https://maestro.example' });
    const { status, body } = await raw(api.url, '/health', { headers: { host, origin } });
    expect([status, body.code]).toEqual([403, 'FORBIDDEN']);
  });

  const others = Object.values(networkInterfaces())
    .flat()
    .flatMap((each) => (each && !each.internal && each.family === 'IPv4' ? [each.address] : []));

  it.runIf(others.length > 0)(
    'for the address that it has come to is answered, and for another address not',
    async () => {
      const [other = ''] = others;
      const { api } = await startServer({ HOST: '::', MAESTRO_TOKEN: 'secret' });
      const { port } = new URL(api.url);
      const asked = (host: string, origin = `http://${host}`) =>
        raw(`http://${other}:${port}`, '/health', {
          headers: { host, origin, authorization: 'Bearer secret' },
        });
      expect((await asked(`${other}:${port}`)).status).toBe(200);
      expect((await asked('10.1.2.3')).status).toBe(403);
      expect((await asked('0.0.0.0')).status).toBe(403);
      expect((await asked(`${other}:${port}`, 'http://evil.example')).status).toBe(403);
    },
  );
});
