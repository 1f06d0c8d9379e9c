// A disk that is really full: nothing acknowledged is lost, nothing refused is seen, no file is torn.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Storage } from '../../src/storage/storage.ts';
import { chance } from './chance.ts';
import { crashed, openStorage, temporaryFolder, until } from './place.ts';
import { run, saying } from './process.ts';
import { canMount, readEveryFile, smallDisk } from './small-disk.ts';
import { entriesOf, entry, found, newTask, put, record, shown, Story, type Edit } from './story.ts';

/** Tells the next commit; a refused one has not happened in the story either. */
async function attempt(storage: Storage, story: Story, edits: (story: Story) => Edit[]): Promise<string> {
  const before = { number: story.number, seq: story.seq, records: [...story.records] };
  try {
    await storage.commit(story.commit(edits(story)));
    return 'durable';
  } catch (error) {
    story.number = before.number;
    story.seq = before.seq;
    story.records.clear();
    for (const [key, each] of before.records) story.records.set(key, each);
    return (error as { code?: string }).code ?? String(error);
  }
}

/** One more timeline entry of some kilobytes, and a task beside it that says how many there are. */
const grow =
  (session: string, kilobytes: number) =>
  (story: Story): Edit[] => {
    const present = story.get('session', session) ?? record('session', session);
    const more = { ...entry(`evt_${story.number}`), message: 'm'.repeat(kilobytes * 1_024) };
    const grown = { ...present, timeline: present.timeline.append([more]) };
    return [put('session', grown), newTask(`task_${session}`, { title: `${grown.timeline.length} entries` })];
  };

const isRefusing = (storage: Storage) => storage.status().state === 'refusing';

describe.runIf(canMount())('on a disk of its own', () => {
  test('refuses commits while the disk is full, and takes them again by itself', async () => {
    const disk = smallDisk(4);
    const { storage } = await openStorage(disk.folder);
    const story = new Story();
    for (let count = 0; count < 20; count += 1)
      expect(await attempt(storage, story, grow('sess_1', 1))).toBe('durable');

    disk.fill(60 * 1_024);
    let outcome = 'durable';
    for (let count = 0; count < 500 && outcome === 'durable'; count += 1)
      outcome = await attempt(storage, story, grow('sess_1', 4));
    expect(outcome).toBe('STORAGE_UNAVAILABLE');
    disk.fill(0);
    await attempt(storage, story, grow('sess_1', 16));
    await until('it refuses', () => isRefusing(storage));
    expect(storage.refusal()).toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    expect(storage.status().reason).toContain('ENOSPC');
    expect(await attempt(storage, story, grow('sess_1', 1))).toBe('STORAGE_UNAVAILABLE');
    expect(storage.since(story.seq)).toEqual([]);
    expect(storage.since(0)).toHaveLength(story.seq);
    const full = (await openStorage(await crashed(disk.folder))).storage.load();
    expect(shown(full)).toEqual(shown(story));

    disk.free();
    await until('it takes commits again', () => storage.refusal() === null);
    expect(storage.status().state).toBe('ok');
    for (let count = 0; count < 5; count += 1)
      expect(await attempt(storage, story, grow('sess_1', 4))).toBe('durable');
    const after = (await openStorage(await crashed(disk.folder))).storage.load();
    expect(shown(after)).toEqual(shown(story));
    expect(after).toMatchObject({ lastCommit: story.number, lastSeq: story.seq, problems: [] });
    await storage.flush([{ kind: 'session', id: 'sess_1' }]);
    await storage.close();
    expect(readdirSync(`${disk.folder}/journal`)).toEqual([]);
  });

  test('fails all that is in flight together, and none of it is seen again', async () => {
    const disk = smallDisk(4);
    const { storage } = await openStorage(disk.folder);
    const story = new Story();
    await story.tell(storage, newTask('task_before'));
    disk.fill(40 * 1_024);
    const lost = new Story({ lastCommit: 1, lastSeq: 1 });
    const fat = { description: 'd'.repeat(9_000) };
    const commits = Array.from({ length: 12 }, (_, index) => lost.commit([newTask(`task_${index}`, fat)]));
    const outcomes = await Promise.allSettled(commits.map((commit) => storage.commit(commit)));
    expect(outcomes.map(({ status }) => status)).toEqual(commits.map(() => 'rejected'));

    disk.free();
    await until('it takes commits again', () => storage.refusal() === null);
    await story.tell(storage, newTask('task_after'));
    expect(storage.since(1)?.map(({ fact }) => [fact.seq, fact.id])).toEqual([[2, 'task_after']]);
    const loaded = (await openStorage(await crashed(disk.folder))).storage.load();
    expect(shown(loaded)).toEqual(shown(story));
    expect(loaded.problems).toEqual([]);
  });

  test('starts on a full disk with all that was acknowledged, and takes commits when there is room', async () => {
    const disk = smallDisk(4);
    const story = new Story();
    const first = await openStorage(disk.folder);
    for (let count = 0; count < 10; count += 1) await attempt(first.storage, story, grow('sess_1', 8));
    disk.fill(0);
    await first.storage.close();
    disk.fill(0); // A stop gives back what the journal had reserved.

    const { storage } = await openStorage(disk.folder);
    expect(shown(storage.load())).toEqual(shown(story));
    expect(storage.refusal()).toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    expect(await attempt(storage, story, grow('sess_1', 1))).toBe('STORAGE_UNAVAILABLE');
    disk.free();
    await until('it takes commits', () => storage.refusal() === null);
    expect(await attempt(storage, story, grow('sess_1', 1))).toBe('durable');
    await storage.close();
    expect(shown((await openStorage(disk.folder)).storage.load())).toEqual(shown(story));
  });

  test('never tears a file, small or large, and loses nothing while the disk fills and frees', async () => {
    const disk = smallDisk(6);
    const dice = chance();
    const { storage } = await openStorage(disk.folder);
    const story = new Story();
    const sessions = ['sess_1', 'sess_2', 'sess_3'];
    for (const session of sessions) await attempt(storage, story, grow(session, 300));
    for (let round = 0; round < 4; round += 1) {
      disk.fill(dice.below(300) * 1_024);
      const end = performance.now() + 350;
      while (performance.now() < end) {
        await attempt(storage, story, (told) => [
          ...grow(dice.pick(sessions), dice.below(6))(told),
          put('project', record('project', 'proj_1', { description: 'd'.repeat(dice.below(40_000)) })),
        ]);
        await new Promise((resolve) => setTimeout(resolve, 1));
        readEveryFile(disk.folder);
      }
      const copy = await crashed(disk.folder);
      expect(shown((await openStorage(copy)).storage.load())).toEqual(shown(story));
      disk.free();
      await until('it takes commits again', () => storage.refusal() === null);
    }
    await storage.flush(sessions.map((id) => ({ kind: 'session', id })));
    const files = readEveryFile(disk.folder);
    for (const session of sessions)
      expect(files.get(`sessions/${session}.json`)).toEqual(shown(story)[`session/${session}`]);
    await storage.close();
    expect(shown((await openStorage(disk.folder)).storage.load())).toEqual(shown(story));
  });

  test('does not fill the disk with empty segments while it is refused again and again', async () => {
    const disk = smallDisk(4);
    const { storage } = await openStorage(disk.folder);
    const story = new Story();
    await story.tell(storage, newTask('task_1'));
    disk.fill(200 * 1_024);
    for (let round = 0; round < 6; round += 1) {
      await until('it takes commits', () => storage.refusal() === null);
      expect(await attempt(storage, story, grow('sess_1', 400))).toBe('STORAGE_UNAVAILABLE');
    }
    expect(readdirSync(`${disk.folder}/journal`).length).toBeLessThanOrEqual(3);
  });
});

// The other real limit of a system: no file may grow past a size. Needs no rights, and no disk.
describe.runIf(process.platform === 'linux')('in a process whose files may not grow', () => {
  const limit = (pid: number, bytes: number | 'unlimited') =>
    execFileSync('/usr/bin/prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);

  test('refuses, recovers by itself and loses nothing acknowledged', async () => {
    const folder = await temporaryFolder();
    const running = run('writer.mjs', folder);
    const { said } = running;
    const count = (name: string) => said.filter((each) => name in each).length;
    await saying(running, 'ack');
    for (let round = 0; round < 2; round += 1) {
      limit(running.pid, 0);
      const [acks, refusals] = [count('ack'), count('refused')];
      await until('commits are refused', () => count('refused') > refusals + 3);
      limit(running.pid, 'unlimited');
      await until('commits are taken again', () => count('ack') > acks + 20);
    }
    expect(new Set(said.filter((each) => 'refused' in each).map((each) => each['refused']))).toEqual(
      new Set(['STORAGE_UNAVAILABLE']),
    );
    running.child.kill('SIGKILL');
    expect(await running.ended).toBe('');

    const { storage } = await openStorage(folder);
    const loaded = storage.load();
    expect(loaded.problems).toEqual([]);
    const held = entriesOf(found(loaded, 'session', 'sess_1'));
    const acknowledged = said.filter((each) => 'ack' in each).map((each) => `evt_${String(each['ack'])}`);
    // The last one may have been durable before it could be told.
    expect(held.slice(0, acknowledged.length)).toEqual(acknowledged);
    expect(held.length - acknowledged.length).toBeLessThanOrEqual(1);
    expect(loaded.lastCommit).toBe(held.length);
  });
});
