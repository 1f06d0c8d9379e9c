// A whole session as JSON. Its timeline and its events are what grows: the text of an entry is made once, not with each
// answer and each fact that shows the session, so that an append to a long one costs little more than one to a short one.
import { setImmediate as yieldToLoop } from 'node:timers/promises';
import type { Log } from '../domain/log.ts';
import type { Session } from '../domain/session.ts';
import { sessionView } from './views.ts';

const lists = ['timeline', 'events'] as const;

/** Logs with fewer entries and fewer bytes are not worth the memory. */
const LONG_ENTRIES = 200;
const LONG_BYTES = 32 * 1024;
/** Text is held in portions of this size, so that a log that grows is never copied. */
const PORTION_BYTES = 64 * 1024;
/** What is written at a time before others have the loop. */
const SLICE_BYTES = 256 * 1024;

const isLong = (log: Log<unknown>): boolean => log.length >= LONG_ENTRIES || log.jsonBytes > LONG_BYTES;

/** The entries of a log as JSON, each with a comma before it, for all versions of the log. */
class LogText {
  readonly #portions: Buffer[] = [];
  /** Where each entry ends. */
  readonly #ends: number[] = [];
  #size = 0;

  /** Writes entries that are not written yet, up to about so many bytes. @returns whether all of this version are. */
  extend(log: Log<unknown>, bytes = Infinity): boolean {
    const enough = this.#size + bytes;
    while (this.#ends.length < log.length && this.#size < enough) {
      this.#write(textOf(log, this.#ends.length));
      this.#ends.push(this.#size);
    }
    return this.#ends.length >= log.length;
  }

  /** The text of the first `length` entries, without the first comma. */
  *parts(length: number): Generator<Buffer> {
    const end = this.#ends[length - 1] ?? 0;
    for (const [index, portion] of this.#portions.entries()) {
      const start = index * PORTION_BYTES;
      if (start >= end) return;
      yield portion.subarray(index === 0 ? 1 : 0, Math.min(end - start, PORTION_BYTES));
    }
  }

  #write(text: Buffer): void {
    for (let at = 0; at < text.length; ) {
      const offset = this.#size % PORTION_BYTES;
      if (offset === 0) this.#portions.push(Buffer.allocUnsafe(PORTION_BYTES));
      const written = text.copy(this.#portions.at(-1) ?? text, offset, at);
      at += written;
      this.#size += written;
    }
  }
}

const textOf = (log: Log<unknown>, index: number): Buffer => Buffer.from(`,${JSON.stringify(log.at(index))}`);

/** By what all versions of a log have in common; they go when the session does. */
const written = new WeakMap<object, LogText>();

function keptText(log: Log<unknown>): LogText {
  const known = written.get(log.origin);
  if (known) return known;
  const made = new LogText();
  written.set(log.origin, made);
  return made;
}

/** The whole session, for answers to changes and for facts: what is told again with each change. */
export function sessionJson(session: Session): string | Buffer {
  if (!lists.some((list) => isLong(session[list]))) return JSON.stringify(sessionView(session));
  for (const list of lists) if (isLong(session[list])) keptText(session[list]).extend(session[list]);
  return Buffer.concat([...sessionSlices(session)]);
}

/** A JSON object with these fields, of which there is at least one, and the whole session as `session`. */
export function jsonWithSession(fields: object, session: Session): string | Buffer {
  const head = `${JSON.stringify(fields).slice(0, -1)},"session":`;
  const json = sessionJson(session);
  if (typeof json === 'string') return `${head}${json}}`;
  return Buffer.concat([Buffer.from(head), json, Buffer.from('}')]);
}

/** Makes the text of a long session that was not shown yet, and gives the loop back on the way. */
export async function prepareSessionJson(session: Session): Promise<void> {
  for (const list of lists)
    if (isLong(session[list]))
      while (!keptText(session[list]).extend(session[list], SLICE_BYTES)) await yieldToLoop();
}

/**
 * The whole session in pieces, each of which is made when it is asked for and costs little. Text that is kept is used;
 * what is not kept is made for this once: a list of all sessions must not hold the text of all of them.
 * @param tail goes behind it
 */
export function* sessionSlices(session: Session, tail = ''): Generator<Buffer> {
  const view = sessionView(session);
  const long = lists.filter((list) => isLong(session[list]));
  for (const list of long) delete view[list];
  const json = JSON.stringify(view);
  if (long.length === 0) {
    yield Buffer.from(json + tail);
    return;
  }
  let before = json.slice(0, -1);
  for (const list of long) {
    yield Buffer.from(`${before},"${list}":[`);
    yield* entriesOf(session[list]);
    before = ']';
  }
  yield Buffer.from(`${before}}${tail}`);
}

function* entriesOf(log: Log<unknown>): Generator<Buffer> {
  const kept = written.get(log.origin);
  if (kept?.extend(log, SLICE_BYTES)) {
    yield* kept.parts(log.length);
    return;
  }
  let texts: Buffer[] = [];
  let bytes = 0;
  for (let index = 0; index < log.length; index += 1) {
    const text = textOf(log, index);
    texts.push(index === 0 ? text.subarray(1) : text);
    bytes += text.length;
    if (bytes < PORTION_BYTES) continue;
    yield Buffer.concat(texts);
    texts = [];
    bytes = 0;
  }
  yield Buffer.concat(texts);
}
