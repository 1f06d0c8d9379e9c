import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { boardLines, type BoardView } from '../../src/cli/watch/board.ts';
import { printable } from '../../src/cli/watch/printable.ts';
import { pageLines } from '../../src/cli/watch/session-page.ts';
import { Story } from '../../src/cli/watch/story.ts';
import { asking, now, rowWith, standingOf } from './watch-rows.ts';

const size = { columns: 120, rows: 24 };
const live: BoardView['link'] = { state: 'live' };
const viewOf = (rows: ReturnType<typeof rowWith>[], more: Partial<BoardView> = {}): BoardView => ({
  url: 'http://localhost:3000',
  link: live,
  standing: standingOf(rows),
  selected: rows[0]?.id ?? null,
  now,
  ...more,
});
const plain = (lines: string[]): string[] => lines.map((line) => stripVTControlCharacters(line).trimEnd());
const board = (view: BoardView, on = size, bottom: string | null = null): string[] =>
  plain(boardLines(view, on, bottom));

describe('the board', () => {
  it('counts, and shows a row for each session and the keys', () => {
    const working = { status: 'working', since: now - 3 * 60_000, taskIds: ['t1'] };
    const lines = board(viewOf([rowWith('a', working), rowWith('b', asking('Red?'))]));
    expect(lines[0]).toBe('Maestro http://localhost:3000  live  2 sessions: 1 needs input, 1 working');
    expect(lines[3]).toMatch(/^ {2}Session b +needs input +1 s +simple +Red\?$/);
    expect(lines[4]).toMatch(/^› Session a +working +3 min +simple +t1$/);
    expect(lines.at(-1)).toBe('↑↓ select   Enter open   a answer   q quit');
  });

  it('never calls what it last saw live: it says since when there is no connection', () => {
    const link = { state: 'lost', at: now, why: 'connect ECONNREFUSED' } as const;
    const [first = ''] = board(viewOf([rowWith('a')], { link }));
    expect(first).not.toContain('live');
    expect(first).toMatch(
      /not connected since \d\d:\d\d:\d\d; below: how it was then \(connect ECONNREFUSED\)$/,
    );
    expect(board(viewOf([], { link: { state: 'connecting' } }))[0]).toMatch(/connecting…$/);
  });

  it('fits any terminal, around the row that is selected', () => {
    const rows = Array.from({ length: 50 }, (_, index) =>
      rowWith(`s${index + 10}`, { name: '漢'.repeat(40) }),
    );
    for (const columns of [20, 60, 80, 99, 120, 300])
      for (const height of [9, 24, 100]) {
        const lines = board(viewOf(rows, { selected: 's40' }), { columns, rows: height });
        expect(lines.length).toBeLessThan(height);
        expect(lines.filter((line) => line.startsWith('›'))).toHaveLength(1);
        for (const line of lines) expect(widthOf(line), line).toBeLessThanOrEqual(columns);
      }
  });

  it('is full also when the last row is selected', () => {
    const rows = Array.from({ length: 50 }, (_, index) => rowWith(`s${index + 10}`));
    const lines = board(viewOf(rows, { selected: 's59' }));
    expect(lines.filter((line) => line.includes('Session s'))).toHaveLength(size.rows - 8);
    expect(lines.at(-3)).toMatch(/^› Session s59/);
  });

  it('shows in place of the keys what is being written', () => {
    expect(board(viewOf([]), size, 'answer: yes').at(-1)).toBe('answer: yes');
  });
});

/** Han characters take two columns. */
const widthOf = (line: string): number => line.length + [...line.matchAll(/漢/g)].length;

describe('the page of a session', () => {
  const entries = Array.from({ length: 90 }, (_, index) => ({
    ...{ id: `evt_${index}`, type: 'progress', timestamp: now, message: `step ${index}` },
  }));
  const row = rowWith('a', asking('Red or green?'));
  const view = viewOf([row], {
    standing: standingOf([row], { a: [{ taskId: 't1', status: 'processing' }] }),
  });
  const story = new Story(row);
  story.begin(entries);
  story.state = {
    value: 'working.needsInput',
    next: [{ event: 'session.answer', to: 'working.active' }],
    queue: { value: 'processing', next: [{ event: 'queue.push', to: null }] },
  };

  it('shows its question, what is possible next, its queue, and the newest of its timeline last', () => {
    const lines = plain(pageLines(view, story, 0, size, null));
    const text = lines.join('\n');
    expect(text).toContain('needs input (working.needsInput) for 1 s');
    expect(text).toContain('asks: Red or green?');
    expect(text).toContain('next: answer → working.active');
    expect(text).toContain('queue: processing; next: push');
    expect(text).toMatch(/tasks: 0\/1 done\n +processing +t1/);
    expect(lines.at(-3)).toMatch(/progress +step 89$/);
    expect(lines.length).toBeLessThan(size.rows);
  });

  it('scrolls back', () => {
    expect(plain(pageLines(view, story, 10, size, null)).at(-3)).toMatch(/step 79$/);
    expect(plain(pageLines(view, story, 500, size, null)).at(-3)).toMatch(/step 0$/);
  });

  it('takes each entry once, whether it was read or told', () => {
    const data = { id: 'a', changes: {}, appended: { timeline: [entries[0], entries[1]] } };
    const told = new Story(row);
    expect(told.hear({ type: 'session:updated', data })).toBe(true);
    told.begin(entries.slice(0, 1));
    expect(told.entries?.map(({ id }) => id)).toEqual(['evt_0', 'evt_1']);
    expect(told.hear({ type: 'session:updated', data: { ...data, id: 'b' } })).toBe(false);
    expect(told.hear({ type: 'queue:updated', data: { sessionId: 'a' } })).toBe(true);
  });
});

describe('what agents say', () => {
  it('is shown on one line and steers no terminal', () => {
    expect(printable('a\r\nb\tc')).toBe('a b c');
    expect(printable('\u001b[2Jred\u001b[0m \u001b]0;title\u0007')).not.toMatch(/\p{Cc}/u);
    expect(printable('a\u202eb\u2066')).toBe('ab');
    expect(printable('x'.repeat(1_000_000)).length).toBeLessThan(10_000);
  });
});
