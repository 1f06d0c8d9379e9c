// Records over a storage without a disk, with time that stands still and ids that count.
import { expect, onTestFinished } from 'vitest';
import type { Move } from '../../src/domain/chart.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { Commit } from '../../src/domain/commit.ts';
import { MaestroError } from '../../src/domain/errors.ts';
import type { NewId } from '../../src/domain/ids.ts';
import { Log } from '../../src/domain/log.ts';
import type { Project } from '../../src/domain/project.ts';
import type { Queue } from '../../src/domain/queue.ts';
import type { RecordKind } from '../../src/domain/records.ts';
import type { Session } from '../../src/domain/session.ts';
import type { Task } from '../../src/domain/task.ts';
import { Records } from '../../src/records/records.ts';
import { MemoryStorage, type MemoryDisk } from '../support/memory-storage.ts';
import type { Storage } from '../../src/storage/storage.ts';

export const NOW = 1_700_000_000_000;

export const stillClock: Clock = { now: () => NOW, until: () => Promise.resolve() };

/** Ids that say in which order they were made. */
export function countedIds(): NewId {
  let count = 0;
  return (prefix) => {
    count += 1;
    return `${prefix}_${count}`;
  };
}

export interface Arranged<S extends Storage> {
  records: Records;
  storage: S;
  /** What a listener heard. */
  commits: Commit[];
}

/** Records over the given storage; that nobody listens any more is for the test to see to. */
export function recordsOver<S extends Storage>(
  storage: S,
  onFault: (fault: Error) => void = () => undefined,
): Arranged<S> {
  const records = new Records({ storage, clock: stillClock, newId: countedIds(), onFault }, storage.load());
  const commits: Commit[] = [];
  onTestFinished(records.onCommit((commit) => commits.push(commit)));
  return { records, storage, commits };
}

export const arrange = (disk: MemoryDisk = { commits: [] }, onFault?: (fault: Error) => void) => ({
  disk,
  ...recordsOver(new MemoryStorage(disk), onFault),
});

/** Lets everything run that waits for nothing from outside. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The code that a refusal has. */
export async function codeOf(refused: Promise<unknown>): Promise<string> {
  const error: unknown = await refused.then(
    () => expect.fail('was not refused'),
    (thrown: unknown) => thrown,
  );
  if (error instanceof MaestroError) return error.code;
  throw error;
}

/** What both layers hold of a kind, as JSON. */
export const layersOf = (records: Records, kind: RecordKind, ids: string[]) => ({
  committed: ids.map((id) => JSON.stringify(records.get(kind, id))),
  newest: ids.map((id) => JSON.stringify(records.newest(kind, id))),
});

export const project = (id: string, more: Partial<Project> = {}): Project => ({
  id,
  name: 'A project',
  workingDir: '',
  description: '',
  createdAt: NOW,
  updatedAt: NOW,
  ...more,
});

export const task = (id: string, more: Partial<Task> = {}): Task => ({
  id,
  projectId: 'proj_a',
  parentId: null,
  title: 'A task',
  description: '',
  initialPrompt: '',
  status: 'todo',
  priority: 'medium',
  createdAt: NOW,
  updatedAt: NOW,
  startedAt: null,
  completedAt: null,
  sessionIds: [],
  skillIds: [],
  agentIds: [],
  dependencies: [],
  ...more,
});

export const session = (id: string, more: Partial<Session> = {}): Session => ({
  id,
  projectId: 'proj_a',
  taskIds: [],
  name: 'A session',
  env: {},
  strategy: 'simple',
  status: 'idle',
  startedAt: NOW,
  lastActivity: NOW,
  completedAt: null,
  moves: Log.from<Move>([]),
  hostname: 'here',
  platform: 'linux',
  events: Log.from([]),
  timeline: Log.from([]),
  attempt: 0,
  deadline: null,
  claimedBy: null,
  manifestFailedAt: null,
  announced: false,
  ...more,
});

export const queue = (sessionId: string, more: Partial<Queue> = {}): Queue => ({
  sessionId,
  strategy: 'queue',
  items: [],
  currentIndex: -1,
  createdAt: NOW,
  updatedAt: NOW,
  interruptedIndex: -1,
  ...more,
});
