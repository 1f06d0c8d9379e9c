// How facts reach many watchers; what they hear is in tests/contract/websocket*.
import { describe, expect, it } from 'vitest';
import { TimeSlices } from '../../src/http/time-slices.ts';
import { project, settle } from '../records/arrange.ts';
import { association, heardBy, startHub } from './hub.ts';

const seqs = (count: number, first = 1) => Array.from({ length: count }, (_, index) => first + index);

/** Counts the calls of `write` on a connection. */
function writesOf(connection: { write: unknown }): () => number {
  const write = connection.write as (...args: unknown[]) => boolean;
  let count = 0;
  connection.write = function (this: unknown, ...args: unknown[]) {
    count += 1;
    return write.apply(this, args);
  };
  return () => count;
}

describe('a fact', () => {
  it.each([65_535, 65_536, 200_000])('of %i bytes arrives whole, whatever its characters', async (length) => {
    const { connect, publish } = await startHub();
    const client = await connect();
    await publish(association({ text: '' }));
    await heardBy(client, 1);
    const empty = Buffer.byteLength(JSON.stringify(client.heard[0]));
    const text = `é${'x'.repeat(length - empty - 2)}`;
    let bytes = 0;
    client.socket.on('message', (data: Buffer) => (bytes = data.length));
    await publish(association({ text }));
    await heardBy(client, 2);
    expect([client.heard[1]?.data.text === text, bytes]).toEqual([true, length]);
  });

  it('that cannot be serialised is reported, and those who wanted it are asked to read anew', async () => {
    const { connect, publish, faults } = await startHub();
    const [client, small, other] = [
      await connect(),
      await connect('?view=changes'),
      await connect('?projectId=b'),
    ];
    let isStored = false;
    const tooLarge = {
      toJSON: () => {
        if (isStored) throw new RangeError('Invalid string length');
        return null;
      },
    };
    const published = publish(
      association({ at: 'before' }),
      association({ tooLarge }),
      association({ at: 'after' }),
      association({ at: 'elsewhere' }, 'b'),
    );
    isStored = true;
    await published;
    for (const each of [client, small]) {
      await heardBy(each, 4);
      expect(each.heard.map(({ type, seq }) => [type, seq])).toEqual([
        ['session:task_added', 1],
        ['resync', 2],
        ['session:task_added', 3],
        ['session:task_added', 4],
      ]);
    }
    await heardBy(other, 1);
    expect(other.heard[0]?.data).toEqual({ at: 'elsewhere' });
    expect(faults.map(({ message }) => message)).toEqual([
      'session:task_added of session sess_a (seq 2) cannot be sent: Invalid string length',
    ]);
  });

  it('that cannot be serialised when it is replayed holds up none behind it', async () => {
    const { records, connect, publish, faults } = await startHub();
    let isStored = false;
    const description = {
      toJSON: () => {
        if (isStored) throw new RangeError('Invalid string length');
        return '';
      },
    };
    const created = records.turn((turn) =>
      turn.put('project', { ...project('proj_a'), description: description as unknown as string }),
    );
    isStored = true;
    await created;
    await publish(association({}));
    const client = await connect('?since=0');
    await publish(association({}));
    await heardBy(client, 3);
    expect(client.heard.map(({ type, seq }) => [type, seq])).toEqual([
      ['resync', 1],
      ['session:task_added', 2],
      ['session:task_added', 3],
    ]);
    expect(faults).toHaveLength(1);
  });

  it('that nobody asked for is neither serialised nor written', async () => {
    const { connect, publish, connections } = await startHub();
    const clients = [await connect('?projectId=a'), await connect('?projectId=a')];
    const writes = connections.map(writesOf);
    let serialised = 0;
    await publish(association({ toJSON: () => ((serialised += 1), {}) }, 'b'));
    await publish(association({}, 'a'));
    for (const client of clients) await heardBy(client, 1);
    // Once for the storage.
    expect([serialised, ...writes.map((count) => count())]).toEqual([1, 1, 1]);
  });
});

describe('facts of one moment', () => {
  it('reach each watcher in one write, serialised once for all', async () => {
    const { connect, publish, connections } = await startHub();
    const clients = [];
    while (clients.length < 5) clients.push(await connect());
    const writes = connections.map(writesOf);
    let serialised = 0;
    const count = 50;
    const fact = association({ toJSON: () => ((serialised += 1), {}) });
    await publish(...Array.from({ length: count }, () => fact));
    for (const client of clients) {
      await heardBy(client, count);
      expect(client.heard.map(({ seq }) => seq)).toEqual(seqs(count));
    }
    expect(writes.map((written) => written())).toEqual(clients.map(() => 1));
    // Once for the storage, once for all watchers.
    expect(serialised).toBe(2 * count);
  });

  it('reach everyone in order also when watchers come and go while they are delivered', async () => {
    const { connect, publish } = await startHub();
    const before = [await connect(), await connect('?view=changes'), await connect('?topics=all')];
    const text = 'x'.repeat(30_000);
    const publishing = (async () => {
      for (let turn = 0; turn < 40; turn += 1) {
        void publish(...Array.from({ length: 10 }, () => association({ text })));
        if (turn % 8 === 0) await settle();
      }
    })();
    const leaving = await connect();
    const since = [await connect('?since=0'), await connect('?since=0&view=changes')];
    leaving.socket.terminate();
    await publishing;
    await publish(association({ last: true }));
    for (const client of [...before, ...since]) {
      await heardBy(client, 401);
      expect(client.heard.map(({ seq }) => seq)).toEqual(seqs(401));
    }
  });

  it('and an answer to a ping stay whole frames when the client reads slowly', async () => {
    const { connect, publish } = await startHub();
    const client = await connect();
    let pongs = 0;
    client.socket.on('pong', () => (pongs += 1));
    client.socket.pause();
    const text = 'x'.repeat(100_000);
    for (let turn = 0; turn < 60; turn += 1) {
      await publish(association({ text }), association({ text }));
      client.socket.ping();
      await settle();
    }
    client.socket.resume();
    await heardBy(client, 120);
    expect(client.heard.map(({ seq }) => seq)).toEqual(seqs(120));
    await expect.poll(() => pongs).toBe(60);
  });

  it('are followed by the closing frame and nothing else', async () => {
    const { connect, publish, hub } = await startHub();
    const client = await connect();
    const closed = new Promise((resolve) => client.socket.once('close', resolve));
    await publish(association({}), association({}));
    hub.close();
    await publish(association({}));
    expect(await closed).toBe(1001);
    expect(client.heard.map(({ seq }) => seq)).toEqual([1, 2]);
  });
});

describe('long work', () => {
  it('lets the event loop go on after each slice, and takes turns', async () => {
    let now = 0;
    const slices = new TimeSlices(() => now);
    const done: string[] = [];
    const work = (name: string, steps: number) => () => {
      now += 2;
      done.push(name);
      steps -= 1;
      return steps > 0;
    };
    slices.add(work('a', 5));
    slices.add(work('b', 2));
    const turns = [];
    while (done.length < 7) {
      await settle();
      turns.push(done.join(''));
    }
    expect(turns).toEqual(['aba', 'ababaa', 'ababaaa']);
  });
});
