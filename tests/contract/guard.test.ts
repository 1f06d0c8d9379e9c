// Who may ask: Host, Origin, the token, OPTIONS.
import { describe, expect, it } from 'vitest';
import { ask, stage } from './support/stage.ts';

describe('who asks', () => {
  const foreign = [
    'http://evil.example',
    'null',
    'https://localhost:3000',
    'http://localhost.evil.example:80',
    'file://',
  ];
  it.each(foreign)('from a page of %s is refused with 403, and told nothing of CORS', async (origin) => {
    const { api } = stage();
    const name = `of ${origin}`;
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const options = { method, headers: { origin, 'content-type': 'application/json' } };
      const answer = await ask('/api/projects', { ...options, body: JSON.stringify({ name }) });
      expect([answer.status, answer.body.code]).toEqual([403, 'FORBIDDEN']);
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
    const names = (await api.get('/api/projects')).body.map((project: { name: string }) => project.name);
    expect(names).not.toContain(name);
  });
});
