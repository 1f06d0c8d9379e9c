import { describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../../src/http/listen.ts';
import { Api } from '../support/api.ts';

describe('a request that comes while the records are still being read', () => {
  it('gets 503 as JSON, and when to ask again', async () => {
    const listening = await listen(null, 0);
    onTestFinished(() => listening.close(0));
    const { status, body, headers } = await new Api(`http://127.0.0.1:${listening.port}`).get(
      '/api/projects',
    );
    expect(status).toBe(503);
    expect(body).toMatchObject({ error: true, code: 'STORAGE_UNAVAILABLE', statusCode: 503 });
    expect(headers.get('retry-after')).toBe('1');
  });
});
