import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { MaestroError } from '../../src/domain/errors.ts';
import { MemoryStorage } from '../support/memory-storage.ts';
import type { Commit } from '../../src/domain/commit.ts';
import { arrange, codeOf, layersOf, NOW, recordsOver, session, settle, task } from './arrange.ts';

/** Says when a promise has come to an end. */
function watched<T>(promise: Promise<T>) {
  const seen = { over: false, promise };
  const over = () => (seen.over = true);
  promise.then(over, over);
  return seen;
}

/** Each commit ends when and as the test says, whatever its place. */
class PickyStorage extends MemoryStorage {
  readonly given: { commit: Commit; resolve: () => void; reject: () => void }[] = [];

  override commit(commit: Commit): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const lost = new MaestroError('STORAGE_UNAVAILABLE', 'lost');
      this.given.push({ commit, resolve, reject: () => reject(lost) });
    });
  }
}

it('nobody hears of a change before it is durable: no read, no listener, not the caller', async () => {
  const { records, storage, commits } = arrange();
  storage.hold();
  const made = watched(records.turn((turn) => turn.put('task', task('task_a'))));
  await settle();
  expect(made.over).toBe(false);
  expect(commits).toEqual([]);
  expect(records.get('task', 'task_a')).toBeUndefined();
  expect(records.all('task')).toEqual([]);
  expect(records.listed('task', 'project:proj_a')).toEqual([]);
  expect(records.count('task')).toBe(0);
  expect(records.seq).toBe(0);
  expect(records.newest('task', 'task_a')).toBeDefined();
  storage.release();
  await made.promise;
  expect(commits).toHaveLength(1);
  expect(records.get('task', 'task_a')).toBeDefined();
  expect(records.seq).toBe(1);
});

it('a turn judges on the newest state, in flight included', async () => {
  const { records, storage } = arrange();
  storage.hold();
  const made = records.turn((turn) => turn.put('task', task('task_a')));
  const seen = records.turn((turn) => turn.find('task', 'task_a')?.id);
  storage.release();
  await made;
  expect(await seen).toBe('task_a');
});

it('a refusal waits until what it was judged on is durable', async () => {
  const { records, storage } = arrange();
  storage.hold();
  const made = records.turn((turn) => turn.put('task', task('task_a')));
  const refused = watched(
    records.turn(() => {
      throw new MaestroError('CONFLICT', 'it is there');
    }),
  );
  await settle();
  expect(refused.over).toBe(false);
  storage.release();
  await made;
  expect(await codeOf(refused.promise)).toBe('CONFLICT');
});

it('a refusal that was judged on a lost commit says that the disk refuses', async () => {
  const { records, storage } = arrange();
  storage.hold();
  const made = records.turn((turn) => turn.put('task', task('task_a')));
  const refused = records.turn(() => {
    throw new MaestroError('CONFLICT', 'it is there');
  });
  storage.lose();
  expect(await codeOf(made)).toBe('STORAGE_UNAVAILABLE');
  expect(await codeOf(refused)).toBe('STORAGE_UNAVAILABLE');
});

it('a turn that changes nothing waits for what it was judged on, too', async () => {
  const { records, storage } = arrange();
  storage.hold();
  const made = records.turn((turn) => turn.put('task', task('task_a')));
  const nothing = watched(records.turn(() => 'nothing'));
  await settle();
  expect(nothing.over).toBe(false);
  storage.release();
  await made;
  expect(await nothing.promise).toBe('nothing');
});

it('a lost commit takes back all behind it, both layers agree, and the next commit goes on from there', async () => {
  const { records, storage, commits, disk } = arrange();
  await records.turn((turn) => {
    turn.put('task', task('task_a'));
    turn.put('task', task('task_b', { parentId: 'task_a' }));
  });
  const before = JSON.stringify(records.all('task'));
  storage.hold();
  const lost = [
    records.turn((turn) => turn.put('task', task('task_a', { title: 'Lost' }))),
    records.turn((turn) => turn.put('task', task('task_c', { parentId: 'task_a' }))),
    records.turn((turn) => {
      turn.put('task', task('task_a', { title: 'Lost again' }));
      turn.drop('task', 'task_b');
    }),
  ];
  storage.lose();
  for (const each of lost) expect(await codeOf(each)).toBe('STORAGE_UNAVAILABLE');
  const ids = ['task_a', 'task_b', 'task_c'];
  const { committed, newest } = layersOf(records, 'task', ids);
  expect(newest).toEqual(committed);
  expect(JSON.stringify(records.all('task'))).toBe(before);
  expect(records.seq).toBe(2);
  expect(commits).toHaveLength(1);
  storage.mend();
  await records.turn((turn) => {
    expect(turn.listed('task', 'parent:task_a').map(({ id }) => id)).toEqual(['task_b']);
    turn.put('task', task('task_a', { title: 'Kept' }));
  });
  expect(commits.map(({ number, facts }) => [number, facts.map(({ seq }) => seq)])).toEqual([
    [1, [1, 2]],
    [2, [3]],
  ]);
  const again = arrange(disk).records;
  expect(again.all('task')).toEqual(records.all('task'));
  expect(again.seq).toBe(3);
});

it('a commit that is lost leaves those ahead of it in flight', async () => {
  const { records, storage, commits } = recordsOver(new PickyStorage());
  const first = records.turn((turn) => turn.put('task', task('task_a', { title: 'First' })));
  const second = records.turn((turn) => {
    turn.put('task', task('task_a', { title: 'Second' }));
    turn.put('task', task('task_b'));
  });
  storage.given[1]?.reject();
  expect(await codeOf(second)).toBe('STORAGE_UNAVAILABLE');
  expect(records.newest('task', 'task_a')?.title).toBe('First');
  expect(records.newest('task', 'task_b')).toBeUndefined();
  const waits = watched(records.turn(() => undefined));
  const third = records.turn((turn) => turn.put('task', task('task_c')));
  await settle();
  expect(waits.over).toBe(false);
  storage.given[0]?.resolve();
  await Promise.all([first, waits.promise]);
  storage.given[2]?.resolve();
  await third;
  expect(records.get('task', 'task_a')?.title).toBe('First');
  expect(commits.map(({ number, facts }) => [number, facts[0]?.seq])).toEqual([
    [1, 1],
    [2, 2],
  ]);
});

it('while the disk refuses, no turn is begun', async () => {
  const { records, storage } = arrange();
  storage.lose();
  let begun = false;
  const refused = records.turn(() => (begun = true));
  expect(await codeOf(refused)).toBe('STORAGE_UNAVAILABLE');
  expect(begun).toBe(false);
  storage.mend();
  expect(await records.turn(() => 'begun')).toBe('begun');
});

it('a listener that throws keeps nothing from the caller, nor from the other listeners', async () => {
  const faults: string[] = [];
  const { records } = arrange(undefined, (fault) => faults.push(fault.message));
  const heard: number[] = [];
  records.onCommit(() => {
    throw new Error('a listener is broken');
  });
  records.onCommit(({ number }) => heard.push(number));
  for (const id of ['task_a', 'task_b']) await records.turn((turn) => turn.put('task', task(id)));
  expect(records.get('task', 'task_b')?.id).toBe('task_b');
  expect(heard).toEqual([1, 2]);
  expect(faults).toEqual(['a listener is broken', 'a listener is broken']);
  await records.settled();
});

it('records are committed whole though they did not change, without a fact', async () => {
  const { records, commits } = arrange();
  await records.turn((turn) => {
    turn.put('task', task('task_a'));
    turn.put('session', session('sess_a'));
  });
  await records.restate([
    { kind: 'task', id: 'task_a' },
    { kind: 'session', id: 'sess_a' },
    { kind: 'session', id: 'sess_gone' },
  ]);
  const last = commits.at(-1);
  expect(last?.facts).toEqual([]);
  expect(last?.changes.map(({ op, id }) => [op, id])).toEqual([
    ['put', 'task_a'],
    ['put', 'sess_a'],
  ]);
  expect(last?.images.map(({ record }) => record)).toEqual([
    records.get('task', 'task_a'),
    records.get('session', 'sess_a'),
  ]);
});

it('listeners hear of commits in the order in which they became true, and no more after their undo', async () => {
  const { records, storage, commits } = arrange();
  const heard: number[] = [];
  const undo = records.onCommit(({ number }) => heard.push(number));
  storage.hold();
  const turns = ['task_a', 'task_b', 'task_c'].map((id) =>
    records.turn((turn) => turn.put('task', task(id))),
  );
  storage.release();
  await Promise.all(turns);
  undo();
  await records.turn((turn) => turn.drop('task', 'task_a'));
  expect(heard).toEqual([1, 2, 3]);
  expect(commits.flatMap(({ facts }) => facts.map(({ seq, id }) => [seq, id]))).toEqual([
    [1, 'task_a'],
    [2, 'task_b'],
    [3, 'task_c'],
    [4, 'task_a'],
  ]);
});

it('participants are made anew when all records are back', async () => {
  const { records } = arrange();
  await records.turn((turn) => turn.put('task', task('task_a')));
  const seen: (string | undefined)[] = [];
  const look = () => ({ reset: () => seen.push(records.newest('task', 'task_a')?.title) });
  const refused = records.turn((turn) => {
    turn.touch(look());
    turn.put('task', task('task_a', { title: 'Changed' }));
    turn.touch(look());
    throw new Error('no');
  });
  await expect(refused).rejects.toThrow('no');
  expect(seen).toEqual(['A task', 'A task']);
});

it('a participant of several lost commits is made anew once, one of a durable commit not at all', async () => {
  const { records, storage } = arrange();
  const resets = { durable: 0, lost: 0 };
  const touch = (who: keyof typeof resets) => ({ reset: () => (resets[who] += 1) });
  const durable = touch('durable');
  const lost = touch('lost');
  await records.turn((turn) => {
    turn.touch(durable);
    turn.put('task', task('task_a'));
  });
  storage.hold();
  const turns = ['task_b', 'task_c'].map((id) =>
    records.turn((turn) => {
      turn.touch(lost);
      turn.put('task', task(id));
    }),
  );
  storage.lose();
  for (const turn of turns) await codeOf(turn);
  expect(resets).toEqual({ durable: 0, lost: 1 });
});

it('what is kept beside an answer stands in the same commit', async () => {
  const { records, commits } = arrange();
  await records.turn(
    (turn) => {
      turn.put('task', task('task_a'));
      return 'value';
    },
    (turn, value) =>
      turn.put('answer', { id: 'key', bodyHash: '', status: 201, createdAt: NOW, text: value }),
  );
  expect(commits.map(({ images }) => images.map(({ id }) => id))).toEqual([['task_a', 'key']]);
});

it('what cannot be kept takes the turn back', async () => {
  const { records, commits } = arrange();
  const refused = records.turn(
    (turn) => turn.put('task', task('task_a')),
    () => {
      throw new Error('no answer');
    },
  );
  await expect(refused).rejects.toThrow('no answer');
  expect(records.newest('task', 'task_a')).toBeUndefined();
  expect(commits).toEqual([]);
});

it('after a start, lists are oldest first and numbers go on', async () => {
  const { records, disk } = arrange();
  await records.turn((turn) => {
    turn.put('task', task('task_new', { createdAt: NOW + 2 }));
    turn.put('task', task('task_old', { createdAt: NOW + 1 }));
    turn.put('session', session('sess_new', { startedAt: NOW + 2 }));
    turn.put('session', session('sess_old', { startedAt: NOW + 1 }));
  });
  const again = arrange(disk);
  expect(again.records.all('task').map(({ id }) => id)).toEqual(['task_old', 'task_new']);
  expect(again.records.all('session').map(({ id }) => id)).toEqual(['sess_old', 'sess_new']);
  await again.records.turn((turn) => turn.drop('task', 'task_old'));
  expect(again.commits.map(({ number, facts }) => [number, facts[0]?.seq])).toEqual([[2, 5]]);
});

const reference = { kind: 'task', id: 'task_a' } as const;

it('until() resolves at once when it is so, else with the commit that makes it so', async () => {
  const { records, storage } = arrange();
  const { signal } = new AbortController();
  const isThere = () => records.get('task', 'task_a') !== undefined;
  storage.hold();
  const waits = [1, 2].map(() => watched(records.until(reference, isThere, signal)));
  const made = records.turn((turn) => turn.put('task', task('task_a')));
  await settle();
  expect(waits.map(({ over }) => over)).toEqual([false, false]);
  storage.release();
  await made;
  await Promise.all(waits.map(({ promise }) => promise));
  await records.until(reference, isThere, signal);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

it('until() is woken by commits of its own record only, and waits on while it is not so', async () => {
  const { records } = arrange();
  const { signal } = new AbortController();
  let looks = 0;
  const wait = watched(
    records.until(
      reference,
      () => {
        looks += 1;
        return records.get('task', 'task_a')?.status === 'completed';
      },
      signal,
    ),
  );
  await records.turn((turn) => turn.put('task', task('task_b')));
  expect(looks).toBe(1);
  await records.turn((turn) => turn.put('task', task('task_a')));
  expect([looks, wait.over]).toEqual([2, false]);
  await records.turn((turn) => turn.put('task', task('task_a', { status: 'completed' })));
  await wait.promise;
});

it('until() hears of the end of its record', async () => {
  const { records } = arrange();
  await records.turn((turn) => turn.put('task', task('task_a')));
  const { signal } = new AbortController();
  const wait = records.until(reference, () => !records.get('task', 'task_a'), signal);
  await records.turn((turn) => turn.drop('task', 'task_a'));
  await wait;
});

it('until() rejects with the reason of its signal, before and while it waits, and leaves no listener', async () => {
  const { records } = arrange();
  const ending = new AbortController();
  const never = () => false;
  const waits = [1, 2, 3].map(() => records.until(reference, never, ending.signal));
  ending.abort(new MaestroError('STORAGE_UNAVAILABLE', 'stopping'));
  for (const wait of waits) expect(await codeOf(wait)).toBe('STORAGE_UNAVAILABLE');
  expect(await codeOf(records.until(reference, never, ending.signal))).toBe('STORAGE_UNAVAILABLE');
  expect(getEventListeners(ending.signal, 'abort')).toEqual([]);
});
