// How long an answer is given again, and what another body under its key gets meanwhile.
import type { Request, Response } from 'express';
import { expect, it, onTestFinished } from 'vitest';
import { createProject } from '../../src/catalog/projects.ts';
import { MaestroError } from '../../src/domain/errors.ts';
import type { Project } from '../../src/domain/project.ts';
import { Idempotency } from '../../src/http/idempotency.ts';
import { type Keep, Records } from '../../src/records/records.ts';
import { SimulatedClock } from '../actors/clock.ts';
import { codeOf, countedIds, NOW } from '../records/arrange.ts';
import { MemoryStorage } from '../support/memory-storage.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Commands with keys, at times that the test says. */
function stage() {
  const clock = new SimulatedClock(NOW);
  const storage = new MemoryStorage({ commits: [] });
  const records = new Records({ storage, clock, newId: countedIds() }, storage.load());
  const idempotency = new Idempotency(records, () => Promise.reject(new Error('shows no session')));
  let done = 0;
  const request = (key: string, body: object) =>
    ({
      method: 'POST',
      get: () => key,
      baseUrl: '',
      path: '/x',
      body,
      socket: { remoteAddress: '127.0.0.1' },
    }) as unknown as Request;
  const response = { writeHead: () => undefined, end: () => undefined } as unknown as Response;
  const reply = ({ id }: Project) => ({ status: 201, body: { id } });
  const make = (keep: Keep<Project>) =>
    records.turn((turn) => createProject(turn, { name: 'P', workingDir: '', description: '' }), keep);
  const ask = (key: string, act: (keep: Keep<Project>) => Promise<Project> = make, body = {}) =>
    idempotency.perform(request(key, body), response, {
      act: (keep) => {
        done += 1;
        return act(keep);
      },
      reply,
    });
  /** Whether a command with this key is answered without being done. */
  const isKept = async (key: string, act?: (keep: Keep<Project>) => Promise<Project>) => {
    const before = done;
    await ask(key, act);
    return done === before;
  };
  return { clock, records, idempotency, ask, make, isKept };
}

const refuse = () => Promise.reject(new MaestroError('PROJECT_NOT_FOUND', 'there is none'));

it('an answer is given again for 24 hours, and is let go by the sweep behind them', async () => {
  const { clock, records, idempotency, ask, isKept } = stage();
  await ask('made');
  clock.advance(DAY_MS);
  await idempotency.sweep();
  expect(records.count('answer')).toBe(1);
  expect(await isKept('made')).toBe(true);
  clock.advance(1);
  await idempotency.sweep();
  expect(records.count('answer')).toBe(0);
  expect(await isKept('made')).toBe(false);
});

it('the answer to what changed nothing is remembered for 24 hours, and no longer', async () => {
  const { clock, idempotency, ask, isKept } = stage();
  await ask('refused', refuse);
  clock.advance(DAY_MS);
  await idempotency.sweep();
  expect(await isKept('refused', refuse)).toBe(true);
  clock.advance(1);
  await idempotency.sweep();
  expect(await isKept('refused', refuse)).toBe(false);
});

it('another body under a key whose request is under way is refused at once; the same body waits for its answer', async () => {
  const { records, ask, make } = stage();
  let go = (): void => undefined;
  const held = new Promise<void>((resolve) => (go = resolve));
  onTestFinished(() => go());
  const first = ask('key', async (keep) => {
    await held;
    return make(keep);
  });
  const same = ask('key');
  expect(await codeOf(ask('key', make, { another: 'body' }))).toBe('CONFLICT');
  go();
  await Promise.all([first, same]);
  expect(records.count('project')).toBe(1);
});
