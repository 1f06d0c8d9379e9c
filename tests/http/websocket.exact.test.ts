// Changes are held up to a bound of bytes, facts up to a number: who needs changes that are not held is told so.
import { expect, it } from 'vitest';
import { startServer } from '../support/server.ts';
import { Watch } from '../support/watch.ts';

it('view=changes is told to resync where changes are not held any more; a view of whole entities is not', async () => {
  const { api } = await startServer();
  const id = await api.session(await api.project());
  const { seq } = (await api.get('/health')).body;
  const message = 'm'.repeat(900_000);
  for (let index = 0; index < 7; index += 1)
    expect((await api.patch(`/api/sessions/${id}`, { timeline: [{ message }] })).status).toBe(200);
  const last = (await api.get('/health')).body.seq;

  const changes = await Watch.open(api.url, `?view=changes&since=${seq}`);
  expect(await changes.fact('resync')).toMatchObject({ type: 'resync', seq: last });
  const whole = await Watch.open(api.url, `?since=${seq}`);
  expect((await whole.fact('session:updated')).data.timeline).toHaveLength(8);
  expect(whole.types).not.toContain('resync');
  const recent = await Watch.open(api.url, `?view=changes&since=${last - 1}`);
  expect((await recent.fact('session:updated')).seq).toBe(last);
  expect(recent.types).toEqual(['session:updated']);
});
