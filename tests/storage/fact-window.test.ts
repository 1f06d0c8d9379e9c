// What is held for watchers that come back: many small changes, few large ones.
import { expect, it } from 'vitest';
import type { Fact } from '../../src/domain/facts.ts';
import { FactWindow } from '../../src/storage/fact-window.ts';

const MEGABYTE = 1024 * 1024;

function filled(count: number, length: number): FactWindow {
  const window = new FactWindow(0);
  const text = 'x'.repeat(length);
  for (let seq = 1; seq <= count; seq += 1) {
    const fact: Fact = { seq, type: 'session:updated', kind: 'session', id: 's', projectId: 'p' };
    const changes = [{ op: 'set', kind: 'session', id: 's', fields: { name: text } } as const];
    window.add({ at: 1, changes: [...changes], facts: [fact] });
  }
  return window;
}

it('holds the last 10,000 facts while their changes are small', () => {
  const window = filled(13_000, 100);
  expect(window.since(3_000)).toHaveLength(10_000);
  expect(window.oldestSeq()).toBe(3_001);
});

it('holds no more than 64 MiB of changes; who comes back for older ones must read anew', () => {
  const window = filled(400, MEGABYTE);
  expect(window.since(399)).toHaveLength(1);
  expect(window.since(400 - 50)).toHaveLength(50);
  expect(window.since(400 - 65)).toBeUndefined();
  expect(window.oldestSeq()).toBeGreaterThan(400 - 65);
});

it('holds the newest even when it alone is larger than that', () => {
  const window = filled(3, 70 * MEGABYTE);
  expect(window.lastSeq).toBe(3);
  expect(window.since(3)).toEqual([]);
  expect(window.since(2)).toBeUndefined();
});
