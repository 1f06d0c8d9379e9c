import type { Request, Response } from 'express';
import { describe, expect, it } from 'vitest';
import { createProject } from '../../src/catalog/projects.ts';
import type { Project } from '../../src/domain/project.ts';
import { callerOf } from '../../src/http/caller.ts';
import type { Limits } from '../../src/http/fair-share.ts';
import { Idempotency } from '../../src/http/idempotency.ts';
import type { Keep } from '../../src/records/records.ts';
import { arrange } from '../records/arrange.ts';

/** Makes projects by keys. */
function stage(limits: Partial<Limits>) {
  const { records } = arrange();
  const remake = () => Promise.reject(new Error('no answer here shows a session'));
  const idempotency = new Idempotency(records, remake, limits);
  const response = { writeHead: () => undefined, end: () => undefined };
  const ask = (key: string, { text = '', from = '127.0.0.1' } = {}): Promise<void> =>
    idempotency.perform(
      {
        method: 'POST',
        get: () => key,
        baseUrl: '',
        path: '/x',
        body: {},
        socket: { remoteAddress: from },
      } as unknown as Request,
      response as unknown as Response,
      {
        act: (keep: Keep<Project>) =>
          records.turn((turn) => createProject(turn, { name: key, workingDir: '', description: '' }), keep),
        reply: ({ id }: Project) => ({ status: 201, body: { id, text } }),
      },
    );
  /** Whether a repeated request is answered without being done again. */
  const isKept = async (key: string, how = {}): Promise<boolean> => {
    const before = records.count('project');
    await ask(key, how);
    return records.count('project') === before;
  };
  const bytes = () => records.all('answer').reduce((sum, { text = '' }) => sum + Buffer.byteLength(text), 0);
  return { records, ask, isKept, bytes };
}

describe('kept answers', () => {
  it('are no more than the bound says, also between two sweeps: the oldest go', async () => {
    const most = 200;
    const { records, ask, isKept } = stage({ places: most });
    for (let index = 0; index < 3 * most; index += 1) {
      await ask(`key ${index}`);
      expect(records.count('answer')).toBeLessThanOrEqual(most * 1.01 + 1);
    }
    expect(await isKept(`key ${3 * most - 1}`), 'the newest').toBe(true);
    expect(await isKept('key 0'), 'the oldest').toBe(false);
  });

  it('have a bound in bytes: the oldest go', async () => {
    const { ask, isKept, bytes } = stage({ bytes: 100_000 });
    const text = 'ü'.repeat(5_000);
    for (let index = 0; index < 30; index += 1) {
      await ask(`key ${index}`, { text });
      expect(bytes()).toBeLessThanOrEqual(101_000);
    }
    expect(await isKept('key 29', { text })).toBe(true);
    expect(await isKept('key 0', { text })).toBe(false);
  });

  it.each([
    ['places', { places: 100 }, ''],
    ['bytes', { bytes: 100_000 }, 'x'.repeat(1_000)],
  ])('of others are not pushed out by a caller who asks without end (%s)', async (_, limits, text) => {
    const { ask, isKept } = stage(limits);
    const other = { from: '192.168.0.7' };
    for (let index = 0; index < 10; index += 1) await ask(`other ${index}`, other);
    for (let index = 0; index < 300; index += 1) await ask(`key ${index}`, { text });
    for (let index = 0; index < 10; index += 1) expect(await isKept(`other ${index}`, other)).toBe(true);
    expect(await isKept('key 299', { text })).toBe(true);
    expect(await isKept('key 0', { text })).toBe(false);
  });
});

it('a caller is an address, however it is written', () => {
  const callers = ['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.0.0.1', '::ffff:10.0.0.1', 'fe80::1'].map(
    (remoteAddress) => callerOf({ socket: { remoteAddress } }),
  );
  expect(callers).toEqual(['127.0.0.1', '::1', '127.0.0.1', '10.0.0.1', '10.0.0.1', 'fe80::1']);
});
