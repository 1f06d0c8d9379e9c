// Commits from several loops over several records at once, until it is killed. Says what it loaded, and each number
// once it is acknowledged. Every commit writes its number into a task and into a session; every seventh also puts or
// drops a queue and an answer together. With a second argument it kills itself right behind that many acknowledgements:
// the worst moment for one that was told too early.
import { writeSync } from 'node:fs';
import { FileStorage } from '../../build/storage/file-storage.js';
import { recordKinds } from '../../build/domain/records.js';

const PAIRS = 4;
const LOOPS = 6;
const [, , folder, lifetime] = process.argv;
let acknowledgements = 0;
const say = (value) => writeSync(1, `${JSON.stringify(value)}\n`);

const storage = new FileStorage({ folder, onProblem: (problem) => say({ problem }) });
await storage.open();
const loaded = storage.load();
const { session: sessions, task: tasks, queue: queues, answer: answers } = loaded.records;

const pairs = Array.from({ length: PAIRS }, (_, index) => ({
  id: `pair_${index}`,
  task: tasks.find(({ id }) => id === `pair_${index}`),
  session: sessions.find(({ id }) => id === `pair_${index}`),
}));
let hasQueue = queues.length > 0;
say({
  loaded: {
    number: loaded.lastCommit,
    seq: loaded.lastSeq,
    problems: loaded.problems,
    queues: queues.length,
    answers: answers.length,
    pairs: pairs.map(({ task, session }) => ({
      task: task?.metadata?.number,
      session: session?.metadata?.number,
      entries: session?.timeline.slice().map(({ timestamp }) => timestamp) ?? [],
    })),
  },
});

let number = loaded.lastCommit;
let seq = loaded.lastSeq;
const padding = 'x'.repeat(200);

function next(which) {
  number += 1;
  const pair = pairs[which];
  const { id } = pair;
  const metadata = { number, padding };
  const task = recordKinds.task.parse({
    id,
    projectId: `proj_${which % 2}`,
    title: id,
    createdAt: 1,
    updatedAt: number,
    metadata,
  });
  const entry = { id: `evt_${number}`, type: 'progress', timestamp: number };
  const changes = [{ op: 'put', kind: 'task', id, record: task }];
  const images = [{ kind: 'task', id, record: task, projectId: task.projectId }];
  const before = pair.session;
  if (before) {
    pair.session = { ...before, metadata, timeline: before.timeline.append([entry]) };
    changes.push({ op: 'set', kind: 'session', id, fields: { metadata } });
    changes.push({
      op: 'write',
      kind: 'session',
      id,
      list: 'timeline',
      at: before.timeline.length,
      items: [entry],
    });
  } else {
    pair.session = recordKinds.session.parse({
      id,
      projectId: 'proj_1',
      startedAt: 1,
      metadata,
      timeline: [entry],
    });
    changes.push({ op: 'put', kind: 'session', id, record: { ...pair.session } });
  }
  images.push({ kind: 'session', id, record: pair.session, projectId: 'proj_1' });
  if (number % 7 === 0) comeAndGo(changes, images);
  const facts = ['task', 'session'].map((kind) => ({
    seq: ++seq,
    type: `${kind}:updated`,
    kind,
    id,
    projectId: null,
  }));
  return { number, at: number, changes, images, facts };
}

function comeAndGo(changes, images) {
  const records = hasQueue
    ? { queue: null, answer: null }
    : {
        queue: recordKinds.queue.parse({ sessionId: 'both', createdAt: 1, updatedAt: 1 }),
        answer: recordKinds.answer.parse({ id: 'both', bodyHash: 'h', status: 200, createdAt: 1 }),
      };
  for (const [kind, record] of Object.entries(records)) {
    images.push({ kind, id: 'both', record, projectId: null });
    if (record) changes.push({ op: 'put', kind, id: 'both', record });
    else changes.push({ op: 'drop', kind, id: 'both', projectId: null });
  }
  hasQueue = !hasQueue;
}

let stopping = false;
process.once('SIGTERM', () => {
  stopping = true;
  void storage.close().then(() => {
    say({ closed: true });
    process.exit(0);
  });
});

async function loop(which) {
  for (let round = 0; !stopping; round += 1) {
    const pair = (which + round) % PAIRS;
    const commit = next(pair);
    try {
      await storage.commit(commit);
    } catch (error) {
      if (stopping) return;
      throw error;
    }
    say({ ack: commit.number, pair });
    acknowledgements += 1;
    if (acknowledgements === Number(lifetime)) process.kill(process.pid, 'SIGKILL');
    if (round % 2 === which % 2) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
for (let which = 0; which < LOOPS; which += 1) void loop(which);
