// Lists of any size: whole, in slices that the client's reading paces, and no burden when it goes away.
import { once } from 'node:events';
import { request } from 'node:http';
import { expect, it } from 'vitest';
import { Writable } from 'node:stream';
import type { ServerResponse } from 'node:http';
import { Log } from '../../src/domain/log.ts';
import type { Session } from '../../src/domain/session.ts';
import { sendList, sendSessions } from '../../src/http/reply.ts';
import { sessionView } from '../../src/http/views.ts';
import { startServer } from '../support/server.ts';
import { session } from '../records/arrange.ts';

/** A response that is read only when the test says so. */
class Reader extends Writable {
  readonly chunks: Buffer[] = [];
  readonly heads: object[] = [];
  #goOn: (() => void) | null = null;

  constructor() {
    super({ highWaterMark: 1024 });
  }

  writeHead(_status: number, head: object): void {
    this.heads.push(head);
  }

  override _write(chunk: Buffer, _encoding: string, over: () => void): void {
    this.chunks.push(chunk);
    this.#goOn = over;
  }

  read(): void {
    this.#goOn?.();
  }

  get response(): ServerResponse {
    return this as unknown as ServerResponse;
  }
}

const long = (id: string, entries: number, bytes: number): Session =>
  session(id, {
    timeline: Log.from(
      Array.from({ length: entries }, (_, index) => ({
        id: `evt_${index}`,
        type: 'progress',
        timestamp: index,
        message: '🌳'.repeat(bytes / 4),
      })),
    ),
  });

const pieceOf = Buffer.from(`"${'x'.repeat(1021)}",`);

it('what comes next is made only when the client has read what went before', async () => {
  const reader = new Reader();
  let made = 0;
  const items = Array.from({ length: 10_000 }, (_, index) => index);
  const sent = sendList(reader.response, items, () => {
    made += 1;
    return [pieceOf];
  });
  const before = made;
  expect(before).toBeLessThan(2_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(made).toBe(before);
  const finished = once(reader, 'finish');
  const reading = setInterval(() => reader.read(), 0);
  await Promise.all([sent, finished]);
  clearInterval(reading);
  expect(made).toBe(10_000);
  expect(JSON.parse(Buffer.concat(reader.chunks).toString())).toHaveLength(10_000);
});

it('a client that goes away ends it', async () => {
  const reader = new Reader();
  let made = 0;
  const items = Array.from({ length: 10_000 }, (_, index) => index);
  const sent = sendList(reader.response, items, () => {
    made += 1;
    return [pieceOf];
  });
  reader.destroy();
  await sent;
  expect(made).toBeLessThan(2_000);
});

it('long sessions are shown as their views are, and the answer has no length beforehand', async () => {
  const reader = new Reader();
  const all = [long('sess_a', 3_000, 400), session('sess_b'), long('sess_c', 3, 400_000), session('sess_d')];
  const reading = setInterval(() => reader.read(), 0);
  const finished = once(reader, 'finish');
  await Promise.all([sendSessions(reader.response, all), finished]);
  clearInterval(reading);
  expect(JSON.parse(Buffer.concat(reader.chunks).toString())).toEqual(
    JSON.parse(JSON.stringify(all.map(sessionView))),
  );
  expect(reader.heads).toEqual([{ 'Content-Type': 'application/json; charset=utf-8' }]);
});

it('others are answered while a long list goes out, and after its client went away', async () => {
  const { api } = await startServer();
  const projectId = await api.project();
  const id = await api.session(projectId);
  const timeline = Array.from({ length: 900 }, () => ({ message: 'x'.repeat(1_000) }));
  for (let round = 0; round < 6; round += 1) await api.patch(`/api/sessions/${id}`, { timeline });
  const unread = request(`${api.url}/api/sessions`);
  unread.on('error', () => undefined);
  unread.end();
  const [response] = await once(unread, 'response');
  expect((await api.get('/health')).status).toBe(200);
  response.destroy();
  unread.destroy();
  const { body } = await api.get(`/api/sessions?projectId=${projectId}`);
  expect(body).toEqual([(await api.get(`/api/sessions/${id}`)).body]);
  expect(body[0].timeline).toHaveLength(6 * 900 + 1);
});
