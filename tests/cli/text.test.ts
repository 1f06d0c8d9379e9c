import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stripVTControlCharacters } from 'node:util';
import { table } from '../../src/cli/text.ts';

const { isTTY } = process.stdout;
beforeEach(() => void (process.stdout.isTTY = true));
afterEach(() => void (process.stdout.isTTY = isTTY));

const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, at) => [`id_${at}`, 'working', `n\t${at}`]);
const drawn = (count: number) =>
  stripVTControlCharacters(table(['id', 'status', 'name'], rowsOf(count), 'none')).split('\n');

describe('a table on a terminal', () => {
  it('has frames while it is short', () => {
    expect(drawn(200)[1]).toMatch(/^│ id .*│ status /);
  });

  it('has plain columns, one line for each row, when it is long', () => {
    const lines = drawn(10_000);
    expect(lines).toHaveLength(10_001);
    expect(lines[0]).toBe('id       status   name');
    expect(lines[1]).toBe('id_0     working  n 0');
    expect(lines.at(-1)).toBe('id_9999  working  n 9999');
  });
});
