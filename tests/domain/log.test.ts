// A log looks like an array of its own length, whatever was appended to other versions of it.
import { expect, it } from 'vitest';
import { Log } from '../../src/domain/log.ts';

interface Item {
  id: string;
  text?: string;
}

const items = (...ids: string[]): Item[] => ids.map((id) => ({ id }));
const sizeOf = (log: Log<Item>): number => Buffer.byteLength(JSON.stringify(log));

it('takes more entries at once than a call takes arguments', () => {
  const many = Array.from({ length: 200_000 }, (_, index) => ({ id: `evt_${index}` }));
  expect(Log.from<Item>([]).append(many).length).toBe(200_000);
});

it('knows the ids of its own entries, and not those of a newer version or of one that was lost', () => {
  const older = Log.from(items('a', 'b'));
  const lost = older.append(items('c'));
  expect([lost.hasId('a'), lost.hasId('c'), lost.hasId('d')]).toEqual([true, true, false]);
  expect([older.hasId('a'), older.hasId('b'), older.hasId('c')]).toEqual([true, true, false]);
  const next = older.append(items('d'));
  expect([next.hasId('b'), next.hasId('c'), next.hasId('d')]).toEqual([true, false, true]);
  expect([lost.hasId('c'), lost.hasId('d')]).toEqual([true, false]);
});

it('knows an id that stands in it twice by the first of the two', () => {
  const older = Log.from(items('a'));
  const newer = older.append(items('a'));
  expect([newer.hasId('a'), older.hasId('a')]).toEqual([true, true]);
});

it('looks at each entry once for its ids and once for its size, however often it is asked and appended to', () => {
  let read = 0;
  const counted = (id: string): Item => ({
    get id() {
      read += 1;
      return id;
    },
  });
  let log = Log.from(Array.from({ length: 100 }, (_, index) => counted(`evt_${index}`)));
  for (let round = 0; round < 50; round += 1) {
    expect(log.hasId('none')).toBe(false);
    expect(log.jsonBytes).toBeGreaterThan(0);
    log = log.append([counted(`more_${round}`)]);
  }
  expect(read).toBe(2 * (100 + 49));
});

it('has the size of its JSON in bytes, in every version', () => {
  const empty = Log.from<Item>([]);
  const older = empty.append([{ id: 'ü', text: '"🌳"' }]);
  const newer = older.append(items('b', 'c'));
  for (const log of [newer, older, empty]) expect(log.jsonBytes).toBe(sizeOf(log));
  const other = older.append([{ id: 'x', text: 'y'.repeat(100) }]);
  for (const log of [other, newer]) expect(log.jsonBytes).toBe(sizeOf(log));
});
