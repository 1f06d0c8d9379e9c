// Who may ask: Host, Origin, the token, OPTIONS.
import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.ts';
import { raw } from '../support/raw.ts';

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
});
