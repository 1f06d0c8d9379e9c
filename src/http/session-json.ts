// A whole session as JSON. Its timeline is what grows: the text of an entry is made once, not with each answer and each
// fact that shows the session, so that an append to a long one costs little more than one to a short one.
import type { Log } from '../domain/log.ts';
import type { Session } from '../domain/session.ts';
import { sessionView } from './views.ts';

/** Shorter timelines are not worth the memory. */
const LONG = 200;

/** The entries of a log as JSON, each with a comma before it, and where each ends. */
interface Written {
  bytes: Buffer;
  ends: number[];
}

/** By what all versions of a log have in common; they go when the session does. */
const written = new WeakMap<object, Written>();

/** For answers to changes and for facts: what is told again with each change. */
export function sessionJson(session: Session): string | Buffer {
  const view = sessionView(session);
  if (session.timeline.length < LONG) return JSON.stringify(view);
  const entries = entriesOf(session.timeline);
  delete view['timeline'];
  const head = JSON.stringify(view).slice(0, -1);
  // The comma before the first entry is left out.
  return Buffer.concat([Buffer.from(`${head},"timeline":[`), entries.subarray(1), Buffer.from(']}')]);
}

function entriesOf(log: Log<unknown>): Buffer {
  const known = written.get(log.origin) ?? { bytes: Buffer.alloc(0), ends: [] };
  written.set(log.origin, known);
  const before = known.ends.at(-1) ?? 0;
  let end = before;
  const added = log.slice(known.ends.length).map((entry) => {
    const text = Buffer.from(`,${JSON.stringify(entry)}`);
    known.ends.push((end += text.length));
    return text;
  });
  if (end > known.bytes.length) {
    const larger = Buffer.alloc(end * 2);
    known.bytes.copy(larger, 0, 0, before);
    known.bytes = larger;
  }
  let at = before;
  for (const text of added) at += text.copy(known.bytes, at);
  return known.bytes.subarray(0, known.ends[log.length - 1] ?? 0);
}
