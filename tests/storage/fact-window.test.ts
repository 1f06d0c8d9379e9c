// What is held for watchers that come back: a number of facts, and a number of bytes of changes with them.
import { expect, it } from 'vitest';
import type { Fact } from '../../src/domain/facts.ts';
import { FactWindow, HELD_CHANGES_BYTES } from '../../src/storage/fact-window.ts';

const MEGABYTE = 1024 * 1024;

function filled(count: number, length: number): FactWindow {
  const window = new FactWindow(0);
  const fields = { name: 'x'.repeat(length) };
  const changes = JSON.stringify([{ op: 'set', kind: 'session', id: 's', fields }]);
  for (let seq = 1; seq <= count; seq += 1) {
    const fact: Fact = { seq, type: 'session:updated', kind: 'session', id: 's', projectId: 'p' };
    window.add({ fact, at: 1, changes });
  }
  return window;
}

it('holds the last 10,000 facts with their changes while these are small', () => {
  const window = filled(13_000, 100);
  expect(window.since(3_000, true)).toHaveLength(10_000);
  expect(window.oldestSeq).toBeLessThanOrEqual(3_001);
});

it('holds 10,000 facts however large their changes are, but changes of no more than their bound', () => {
  const window = filled(12_500, MEGABYTE);
  expect(window.since(2_500)).toHaveLength(10_000);
  const exact = Math.floor(HELD_CHANGES_BYTES / (MEGABYTE + 100));
  expect(window.since(12_500 - exact, true)).toHaveLength(exact);
  expect(window.since(12_500 - exact - 1, true)).toBeUndefined();
  expect(window.since(12_500 - exact - 1)).toHaveLength(exact + 1);
});

it('holds the newest fact even when its changes alone are larger than their bound', () => {
  const window = filled(3, 2 * HELD_CHANGES_BYTES);
  expect(window.lastSeq).toBe(3);
  expect(window.since(3, true)).toEqual([]);
  expect(window.since(2, true)).toBeUndefined();
  expect(window.since(2)).toHaveLength(1);
});

it('reads the changes of a fact as they were', () => {
  const [kept] = filled(1, 3).since(0, true) ?? [];
  expect(kept?.changes).toEqual([{ op: 'set', kind: 'session', id: 's', fields: { name: 'xxx' } }]);
});

it('replays nothing that stands before a gap', () => {
  const window = filled(3, 1);
  const fact: Fact = { seq: 5, type: 'task:updated', kind: 'task', id: 't', projectId: 'p' };
  window.add({ fact, at: 1, changes: '' });
  expect(window.since(3)).toBeUndefined();
  expect(window.since(4)).toHaveLength(1);
});
