import { describe, expect, it } from 'vitest';
import { emptyDesk, pressed, type Desk, type Sight, type Wish } from '../../src/cli/watch/keys.ts';

const sight: Sight = {
  ids: ['a', 'b', 'c'],
  furthestBack: 2,
  questionOf: (id) => (id === 'b' ? 'Red?' : null),
};

/** Presses keys one after the other; a word in quotes is written. */
function press(keys: string, from: Desk = emptyDesk): { desk: Desk; wishes: Wish[] } {
  let desk = from;
  const wishes: Wish[] = [];
  for (const key of keys.split(' ')) {
    const texts = key.startsWith('"') ? Array.from(key.slice(1, -1)) : [key];
    for (const name of texts) {
      const ctrl = name.startsWith('^');
      const after = pressed(desk, { name: ctrl ? name.slice(1) : name, ctrl, text: name }, sight);
      desk = after.desk;
      if (after.wish) wishes.push(after.wish);
    }
  }
  return { desk, wishes };
}

describe('on the board', () => {
  it.each([
    ['down', 'b'],
    ['j j', 'c'],
    ['j j j j', 'c'],
    ['j j k', 'b'],
    ['up', 'a'],
  ])('%s selects', (keys, selected) => {
    expect(press(keys).desk.selected).toBe(selected);
  });

  it('acts on the first row until one was chosen, and again when that one is gone', () => {
    expect(press('return').wishes).toEqual([{ kind: 'open', id: 'a' }]);
    expect(press('return', { ...emptyDesk, selected: 'gone' }).wishes).toEqual([{ kind: 'open', id: 'a' }]);
    expect(
      pressed(emptyDesk, { name: 'return', ctrl: false, text: '' }, { ...sight, ids: [] }).wish,
    ).toBeNull();
  });

  it('goes by q and Ctrl-C', () => {
    expect([press('q').wishes, press('^c').wishes]).toEqual([[{ kind: 'quit' }], [{ kind: 'quit' }]]);
  });
});

describe('in an open session', () => {
  it.each(['escape', 'left', 'backspace'])('%s goes back to the same row', (key) => {
    expect(press(`j return ${key}`).desk).toMatchObject({ open: null, selected: 'b' });
  });

  it('up and down go through the timeline, as far as it goes', () => {
    expect(press('return up').desk.back).toBe(1);
    expect(press('return up up up up').desk.back).toBe(2);
    expect(press('return up down down').desk.back).toBe(0);
  });
});

describe('an answer', () => {
  it('is begun where something is asked, and says so where not', () => {
    expect(press('a').desk).toMatchObject({ draft: null, notice: 'Nothing is asked here.' });
    expect(press('a j').desk.notice).toBeNull();
    expect(press('j a').desk.draft).toEqual({ sessionId: 'b', question: 'Red?', text: '' });
  });

  it('takes every key as what it writes, and sends at Enter', () => {
    const { desk, wishes } = press('j a "quajk" return');
    expect(desk.draft?.text).toBe('quajk');
    expect(wishes).toEqual([{ kind: 'answer', draft: desk.draft }]);
  });

  it('takes back what a person sees as a character, or all', () => {
    const draft = { sessionId: 'b', question: 'Red?', text: 'ja 👩‍👩‍👧' };
    expect(press('backspace', { ...emptyDesk, draft }).desk.draft?.text).toBe('ja ');
    expect(press('^u', { ...emptyDesk, draft }).desk.draft?.text).toBe('');
  });

  it('is not sent empty, left by Esc, and bounded', () => {
    expect(press('j a return').wishes).toEqual([]);
    expect(press('j a "no" escape').desk.draft).toBeNull();
    const pasted = { name: undefined, ctrl: false, text: 'x\u0007'.repeat(100_000) };
    const text = pressed(press('j a').desk, pasted, sight).desk.draft?.text ?? '';
    expect([text.length, text.includes('\u0007')]).toEqual([10_000, false]);
  });

  it('does not hold up Ctrl-C', () => {
    expect(press('j a "no" ^c').wishes).toEqual([{ kind: 'quit' }]);
  });
});
