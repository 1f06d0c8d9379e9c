// The power goes, at every step. A history is played on the real server while each operation on its files is recorded;
// then, for every point between two operations, the disk is laid out as a cut at that point may leave it (with all,
// none or some of what no sync covers), and is recovered from. The disk also fails now and then. CRASH_CUTS says how many cuts are tried (8,000),
// CRASH_SEED repeats a run.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Commit } from '../../src/domain/commit.ts';
import { keyOf } from '../../src/domain/records.ts';
import type { FactWindow } from '../../src/storage/fact-window.ts';
import { FileStorage } from '../../src/storage/file-storage.ts';
import { RecordFiles } from '../../src/storage/record-files.ts';
import { recover } from '../../src/storage/recovery.ts';
import { numbersFrom } from '../storage/chance.ts';
import { Api } from '../support/api.ts';
import { startIn } from '../support/server.ts';
import { Watch } from '../support/watch.ts';
import { Disk, layOut, type Chance, type Survival } from './disk.ts';
import { histories, play, type Step } from './history.ts';
import { Recorder, type Operation } from './recorder.ts';

const WANTED = Number(process.env['CRASH_CUTS'] ?? 8_000);
const SEED = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const LIMIT_MS = Math.max(120_000, WANTED * 30);
/** Of so many cuts one is gone on from: with a server's own start, another commit and a second cut. */
const GONE_ON_FROM = 25;
const survivals: Survival[] = ['all', 'none', 'some', 'some'];

type Note =
  | { given: number; state: State }
  | { acknowledged: number; state: State }
  | { heard: number }
  | { answered: string };

/** All records, as one text for each. */
type State = ReadonlyMap<string, string>;

interface Played {
  operations: Operation[];
  /** Of all commits that were given, also of those that were lost. */
  states: State[];
}

it(
  'loses nothing that was acknowledged or told, and leaves no commit half done, wherever the power goes',
  async () => {
    const chance = numbersFrom(SEED);
    const sampled = fc.sample(histories, { seed: SEED, numRuns: 200 });
    let cuts = 0;
    let played = 0;
    for (const steps of sampled) {
      if (cuts >= WANTED) break;
      const history = await record(steps);
      for (const state of history.states) expectAgreement(state);
      cuts += await tryCuts(history, chance, WANTED - cuts, `CRASH_SEED=${SEED}, history ${played}`);
      played += 1;
    }
    console.log(`${cuts} cuts of ${played} histories, CRASH_SEED=${SEED}`);
    expect(cuts).toBe(WANTED);
  },
  LIMIT_MS,
);

const scratch = (): string =>
  mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'maestro-crash-'));

/** Plays a history on a server of its own, and records what it does to its files. */
async function record(steps: readonly Step[]): Promise<Played> {
  const folder = scratch();
  const root = join(folder, 'data');
  const recorder = new Recorder(root);
  const note = (what: Note) => recorder.note(what);
  const states: State[] = [];
  const unhook = hookCommits((state) => states.push(state), note);
  recorder.start();
  try {
    let server = await startIn(folder);
    const watch = async () => {
      const { socket } = await Watch.open(server.url, '?topics=all');
      socket.on('message', (data: Buffer) =>
        note({ heard: (JSON.parse(data.toString('utf8')) as { seq: number }).seq }),
      );
    };
    await watch();
    await play(steps, {
      api: new Api(server.url),
      answered: (key) => note({ answered: key }),
      fault: async (kind) => {
        recorder.fault(kind);
        const api = new Api(server.url);
        expect((await api.post('/api/projects', { name: 'lost' })).status).toBe(503);
        await expect.poll(async () => (await api.get('/health')).body.status, { timeout: 10_000 }).toBe('ok');
      },
      restart: async () => {
        await server.close();
        server = await startIn(folder);
        await watch();
        return new Api(server.url);
      },
    });
    await server.close();
  } finally {
    recorder.stop();
    unhook();
    rmSync(folder, { recursive: true, force: true });
  }
  return { operations: recorder.operations, states };
}

/** Looks on as commits are given to the storage and acknowledged by it. @returns the undo */
function hookCommits(given: (state: State) => void, note: (what: Note) => void): () => void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called on what it was called on, below
  const real = FileStorage.prototype.commit;
  const byNumber: State[] = [new Map()];
  FileStorage.prototype.commit = async function (this: FileStorage, commit: Commit): Promise<void> {
    const state = new Map(byNumber[commit.number - 1]);
    for (const { kind, id, record: image } of commit.images) {
      if (image === null) state.delete(keyOf(kind, id));
      else state.set(keyOf(kind, id), textOf(image));
    }
    byNumber[commit.number] = state;
    given(state);
    note({ given: commit.number, state });
    await real.call(this, commit);
    note({ acknowledged: commit.number, state });
  };
  return () => (FileStorage.prototype.commit = real);
}

/** @returns how many cuts were tried. */
async function tryCuts({ operations }: Played, chance: Chance, most: number, where: string): Promise<number> {
  const folder = scratch();
  const disk = new Disk(rootOf(operations));
  const known = new Known();
  let cuts = 0;
  try {
    for (const [index, operation] of operations.entries()) {
      disk.apply(operation);
      if (operation.op === 'note') {
        known.learn(operation.note as Note);
        continue;
      }
      for (const survival of survivals) {
        if (cuts >= most) return cuts;
        const about = `${where}, cut after operation ${index} (${operation.op}), ${survival} survives`;
        const place = join(folder, String(cuts));
        layOut(place, disk.after(survival, chance));
        const found = recover(place, new RecordFiles(place));
        expect(found.problems, about).toEqual([]);
        const state = stateOf(found.records);
        known.check(found.lastCommit, found.lastSeq, state, about);
        expectNoGap(found.facts, found.lastSeq, Math.floor(chance() * (found.lastSeq + 1)), about);
        if (cuts % GONE_ON_FROM === 0) await goOn(place, state, about);
        rmSync(place, { recursive: true, force: true });
        cuts += 1;
      }
    }
    return cuts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A watcher that comes back hears all that it missed, or that it must read anew. */
function expectNoGap(facts: FactWindow, last: number, since: number, about: string): void {
  const replay = facts.since(since)?.map(({ fact }) => fact.seq);
  const missed = Array.from({ length: last - since }, (_, index) => since + 1 + index);
  if (replay !== undefined) expect(replay, `${about}: replay since ${since}`).toEqual(missed);
}

/** What is known to the server and its clients at a point of a history. */
class Known {
  /** What the records may be after each commit: more than one where a commit was lost and its number given again. */
  readonly #states: State[][] = [[new Map()]];
  readonly #answered = new Set<string>();
  #acknowledged = 0;
  #heard = 0;

  learn(note: Note): void {
    if ('given' in note) (this.#states[note.given] ??= []).push(note.state);
    if ('acknowledged' in note) {
      this.#acknowledged = note.acknowledged;
      this.#states[note.acknowledged] = [note.state];
    }
    if ('heard' in note) this.#heard = note.heard;
    if ('answered' in note) this.#answered.add(note.answered);
  }

  check(lastCommit: number, lastSeq: number, state: State, about: string): void {
    expect(lastCommit, `${about}: acknowledged is lost`).toBeGreaterThanOrEqual(this.#acknowledged);
    expect(lastCommit, `${about}: more than was given`).toBeLessThan(this.#states.length);
    expect(lastSeq, `${about}: told is lost`).toBeGreaterThanOrEqual(this.#heard);
    const wanted = this.#states[lastCommit] ?? [];
    if (!wanted.some((each) => isSame(state, each)))
      expect(Object.fromEntries(state), about).toEqual(Object.fromEntries(wanted.at(-1) ?? []));
    for (const key of this.#answered)
      if (!this.#wasEver(key, lastCommit)) expect.fail(`${about}: ${key} is lost`);
  }

  /** What an answer spoke of is in some commit up to the last one; a later one may have deleted it. */
  #wasEver(key: string, last: number): boolean {
    for (let number = last; number >= 0; number -= 1)
      if (this.#states[number]?.some((state) => state.has(key))) return true;
    return false;
  }
}

const isSame = (state: State, wanted: State): boolean =>
  wanted.size === state.size && [...state].every(([key, text]) => wanted.get(key) === text);

/** The journal's folder is the first that is made. */
function rootOf(operations: readonly Operation[]): string {
  const first = operations.find(
    (operation) => operation.op === 'mkdir' && operation.path.endsWith('/journal'),
  );
  if (first?.op !== 'mkdir') throw new Error('no journal was made');
  return first.path.slice(0, -'/journal'.length);
}

/** A server starts on what a cut has left, changes something and stops: all of it is there for the next. */
async function goOn(place: string, before: State, about: string): Promise<void> {
  const first = new FileStorage({
    folder: place,
    onProblem: (problem) => expect.fail(`${about}: ${problem}`),
  });
  await first.open();
  const { lastCommit, lastSeq } = first.load();
  const project = {
    id: 'proj_after',
    name: 'After',
    workingDir: '',
    description: '',
    createdAt: 1,
    updatedAt: 1,
  };
  const record = { kind: 'project', id: project.id } as const;
  await first.commit({
    number: lastCommit + 1,
    at: 1,
    changes: [{ op: 'put', ...record, record: project }],
    facts: [{ seq: lastSeq + 1, type: 'project:created', ...record, projectId: project.id }],
    images: [{ ...record, record: project, projectId: project.id }],
  });
  await first.close();
  const second = new FileStorage({
    folder: place,
    onProblem: (problem) => expect.fail(`${about}: ${problem}`),
  });
  await second.open();
  const loaded = second.load();
  await second.close();
  expect([loaded.problems, loaded.lastCommit, loaded.lastSeq], about).toEqual([
    [],
    lastCommit + 1,
    lastSeq + 1,
  ]);
  const wanted = new Map([...before, ['project/proj_after', textOf(project)]]);
  expect(Object.fromEntries(stateOf(loaded.records)), about).toEqual(Object.fromEntries(wanted));
}

/** Both sides of each relation agree: tasks and sessions, sessions and queues. */
function expectAgreement(state: State): void {
  const records = [...state].map(([key, text]) => [key, JSON.parse(text)] as const);
  const byKey = new Map<string, any>(records);
  for (const [key, record] of records) {
    if (key.startsWith('task/'))
      for (const id of record.sessionIds)
        expect(byKey.get(`session/${id}`)?.taskIds, key).toContain(record.id);
    if (key.startsWith('session/')) {
      for (const id of record.taskIds) expect(byKey.get(`task/${id}`)?.sessionIds, key).toContain(record.id);
      expect(byKey.has(`queue/${record.id}`), key).toBe(record.strategy === 'queue');
    }
    if (key.startsWith('queue/')) expect(byKey.has(`session/${record.sessionId}`), key).toBe(true);
  }
}

function stateOf(records: Record<string, readonly object[]>): State {
  const state = new Map<string, string>();
  for (const [kind, list] of Object.entries(records))
    for (const each of list) {
      const { id, sessionId } = each as { id?: string; sessionId?: string };
      state.set(`${kind}/${kind === 'queue' ? sessionId : id}`, textOf(each));
    }
  return state;
}

/** JSON with its keys in order, for comparison. */
const textOf = (record: object): string =>
  JSON.stringify(record, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
