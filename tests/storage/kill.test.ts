// Invariants 1 and 2 against a real `kill -9`, at moments that nobody chose.
import { expect, test } from 'vitest';
import { chance, type Chance } from './chance.ts';
import { openStorage, temporaryFolder, until } from './place.ts';
import { run, saying, type Running } from './process.ts';
import { entriesOf, found } from './story.ts';

const KILLS = 13;

interface Loaded {
  number: number;
  seq: number;
  problems: string[];
  queues: number;
  answers: number;
  pairs: { task?: number; session?: number; entries: number[] }[];
}

/** The numbers that were acknowledged so far, for each pair of records. */
type Acknowledged = number[][];

function check(loaded: Loaded, acknowledged: Acknowledged): void {
  expect(loaded.problems).toEqual([]);
  expect(loaded.queues).toBe(loaded.answers);
  loaded.pairs.forEach(({ task, session, entries }, pair) => {
    expect(task).toBe(session);
    expect(entries.at(-1)).toBe(session);
    expect(entries).toEqual([...new Set(entries)].sort((a, b) => a - b));
    const held = new Set(entries);
    expect((acknowledged[pair] ?? []).filter((number) => !held.has(number))).toEqual([]);
  });
  const all = loaded.pairs.flatMap(({ entries }) => entries);
  // Every number was used exactly once: none went back, none was skipped, none of a lost commit is seen.
  expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: loaded.number }, (_, index) => index + 1));
  expect(loaded.seq).toBe(2 * loaded.number);
}

function collect({ said }: Running, acknowledged: Acknowledged): number {
  const acks = said.filter((each) => 'ack' in each);
  for (const { ack, pair } of acks) (acknowledged[Number(pair)] ??= []).push(Number(ack));
  const numbers = acks.map(({ ack }) => Number(ack));
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  return acks.length;
}

/** Itself: right behind an acknowledgement. Late: when head.json and the files have followed a few times. */
const kinds = ['itself', 'early', 'stopping', 'itself', 'early', 'late'] as const;

async function killSometime(
  { child, said, hasEnded }: Running,
  how: string | undefined,
  dice: Chance,
): Promise<void> {
  const wanted = dice.below(250);
  await until(`${wanted} commits`, () => said.length > wanted || hasEnded(), 10_000);
  if (how === 'stopping') child.kill('SIGTERM'); // Killed while it stops, or stopped before that.
  const wait = how === 'stopping' ? dice.below(60) : how === 'late' ? 400 + dice.below(700) : dice.below(150);
  await new Promise((resolve) => setTimeout(resolve, wait));
  child.kill('SIGKILL');
}

test('holds every acknowledged commit, whole, through many kills at random moments', async () => {
  const folder = await temporaryFolder();
  const dice = chance();
  const acknowledged: Acknowledged = [];
  let before = { number: 0, seq: 0 };
  for (let round = 0; round < KILLS; round += 1) {
    const how = kinds[round % kinds.length];
    const running = run('committer.mjs', folder, ...(how === 'itself' ? [String(1 + dice.below(300))] : []));
    const loaded = (await saying(running, 'loaded')) as Loaded;
    check(loaded, acknowledged);
    expect(loaded.number).toBeGreaterThanOrEqual(before.number);
    expect(loaded.seq).toBeGreaterThanOrEqual(before.seq);
    before = loaded;

    if (how !== 'itself') await killSometime(running, how, dice);
    expect(await running.ended).toBe('');
    collect(running, acknowledged);
  }
  expect(acknowledged.flat().length).toBeGreaterThan(KILLS);

  const { storage } = await openStorage(folder);
  const loaded = storage.load();
  acknowledged.forEach((numbers, pair) => {
    const held = new Set(entriesOf(found(loaded, 'session', `pair_${pair}`)));
    expect(numbers.filter((number) => !held.has(`evt_${number}`))).toEqual([]);
  });
}, 60_000);
