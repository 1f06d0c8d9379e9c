// From a key that was pressed to what is to happen. Nothing here touches the terminal or the server.
export interface Key {
  /** As node:readline names it: `up`, `return`, `a`. */
  name: string | undefined;
  ctrl: boolean;
  /** What it writes; several characters when they were pasted. */
  text: string;
}

/** An answer that is being written. */
export interface Draft {
  sessionId: string;
  /** What was asked when it was begun: another question needs another answer. */
  question: string;
  text: string;
}

/** What keys change. */
export interface Desk {
  /** The session that keys act on; null before one was chosen: the first one, whichever that is. */
  selected: string | null;
  /** The session that is open; null on the board. */
  open: string | null;
  /** How many entries the open one is scrolled back. */
  back: number;
  draft: Draft | null;
  /** A word about the last key, until the next one. */
  notice: string | null;
}

/** What keys are pressed in the sight of. */
export interface Sight {
  /** The ids on the board, from the top. */
  ids: readonly string[];
  furthestBack: number;
  questionOf: (id: string) => string | null;
}

export type Wish = { kind: 'quit' } | { kind: 'open'; id: string } | { kind: 'answer'; draft: Draft } | null;

const mostCharacters = 10_000;

export const emptyDesk: Desk = { selected: null, open: null, back: 0, draft: null, notice: null };

/** @returns the desk after the key, and what is wanted of others */
export function pressed(before: Desk, key: Key, sight: Sight): { desk: Desk; wish: Wish } {
  const desk = { ...before, notice: null };
  if (key.ctrl && key.name === 'c') return { desk, wish: { kind: 'quit' } };
  if (desk.draft) return written(desk, desk.draft, key);
  switch (key.name) {
    case 'q':
      return { desk, wish: { kind: 'quit' } };
    case 'a':
      return { desk: begun(desk, sight), wish: null };
    case 'up':
    case 'k':
      return { desk: moved(desk, -1, sight), wish: null };
    case 'down':
    case 'j':
      return { desk: moved(desk, 1, sight), wish: null };
    case 'return':
    case 'enter':
      return opened(desk, selectedOf(desk, sight.ids));
    case 'escape':
    case 'left':
    case 'backspace':
      return { desk: { ...desk, open: null }, wish: null };
    default:
      return { desk, wish: null };
  }
}

export function selectedOf({ selected }: Desk, ids: readonly string[]): string | null {
  return selected !== null && ids.includes(selected) ? selected : (ids[0] ?? null);
}

function opened(desk: Desk, id: string | null): { desk: Desk; wish: Wish } {
  if (desk.open !== null || id === null) return { desk, wish: null };
  return { desk: { ...desk, selected: id, open: id, back: 0 }, wish: { kind: 'open', id } };
}

/** On the board the selection moves; in an open session the timeline does, upwards to what is older. */
function moved(desk: Desk, by: 1 | -1, { ids, furthestBack }: Sight): Desk {
  if (desk.open !== null) return { ...desk, back: within(desk.back - by, furthestBack) };
  const at = ids.indexOf(selectedOf(desk, ids) ?? '');
  const next = ids[within(at + by, ids.length - 1)];
  return { ...desk, selected: next ?? null };
}

function begun(desk: Desk, { ids, questionOf }: Sight): Desk {
  const sessionId = desk.open ?? selectedOf(desk, ids);
  if (sessionId === null) return desk;
  const question = questionOf(sessionId);
  if (question === null) return { ...desk, notice: 'Nothing is asked here.' };
  return { ...desk, selected: sessionId, draft: { sessionId, question, text: '' } };
}

function written(desk: Desk, draft: Draft, { name, ctrl, text }: Key): { desk: Desk; wish: Wish } {
  const with_ = (changed: string) => ({
    desk: { ...desk, draft: { ...draft, text: changed.slice(0, mostCharacters) } },
    wish: null,
  });
  switch (name) {
    case 'escape':
      return { desk: { ...desk, draft: null }, wish: null };
    case 'return':
    case 'enter':
      return { desk, wish: draft.text.trim() === '' ? null : { kind: 'answer', draft } };
    case 'backspace':
      return with_(withoutLast(draft.text));
    default:
      if (ctrl) return name === 'u' ? with_('') : { desk, wish: null };
      return with_(draft.text + text.replaceAll(/\p{Cc}/gu, ''));
  }
}

/** The last character as a person sees it, which may be several code units. */
const withoutLast = (text: string): string =>
  [...new Intl.Segmenter().segment(text)]
    .slice(0, -1)
    .map(({ segment }) => segment)
    .join('');

const within = (index: number, most: number): number => Math.min(Math.max(index, 0), Math.max(most, 0));
