// A record as its file holds it: JSON with 2-space indent. Values nested deeper than a few levels stand on one line:
// their indentation would make a file many times as large as what it holds. The entries of a long list that only grows
// are kept as text, so that a file of thousands of them is not made anew for each that comes.
import { Log } from '../domain/log.ts';
import type { AnyRecord } from '../domain/records.ts';

/** Levels of nesting that are indented. */
const INDENTED_LEVELS = 6;
const INDENT = '  ';
/** Shorter logs are not worth the memory. */
const LONG_LOG = 500;
/** Of entries that are kept as text, over all logs; past it those that were used longest ago go. */
const KEPT_BYTES = 32 * 1024 * 1024;

/** The text of a record's file. */
export function textOf(record: AnyRecord): Buffer | string {
  if (!Object.values(record).some(isLongLog)) return `${pretty(record, 0)}\n`;
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(record)) {
    if (value === undefined) continue;
    parts.push(Buffer.from(`${parts.length === 0 ? '{\n' : ',\n'}${INDENT}${JSON.stringify(name)}: `));
    parts.push(isLongLog(value) ? keptEntries.of(value) : Buffer.from(pretty(value, 1)));
    if (isLongLog(value)) parts.push(Buffer.from(`\n${INDENT}]`));
  }
  return Buffer.concat([...parts, Buffer.from('\n}\n')]);
}

const isLongLog = (value: unknown): value is Log<unknown> => value instanceof Log && value.length > LONG_LOG;

/** @param level how deep the value stands */
function pretty(value: unknown, level: number): string {
  if (value instanceof Log) return pretty(value.slice(), level);
  if (typeof value !== 'object' || value === null || level >= INDENTED_LEVELS) return compact(value);
  const margin = INDENT.repeat(level + 1);
  if (Array.isArray(value)) {
    const items = value.map((item) => `${margin}${pretty(item, level + 1)}`);
    return items.length === 0 ? '[]' : `[\n${items.join(',\n')}\n${INDENT.repeat(level)}]`;
  }
  const fields: string[] = [];
  for (const [name, field] of Object.entries(value))
    if (field !== undefined) fields.push(`${margin}${JSON.stringify(name)}: ${pretty(field, level + 1)}`);
  return fields.length === 0 ? '{}' : `{\n${fields.join(',\n')}\n${INDENT.repeat(level)}}`;
}

/** A list's hole or undefined is null, as in JSON. */
const compact = (value: unknown): string => (value === undefined ? 'null' : JSON.stringify(value));

interface Text {
  bytes: Buffer;
  /** Where each entry ends. */
  ends: number[];
}

/** `[` and the entries of logs, each on lines of its own, by what all versions of a log have in common. */
class KeptEntries {
  readonly #texts = new Map<object, Text>();
  #size = 0;

  of(log: Log<unknown>): Buffer {
    const text = this.#texts.get(log.origin) ?? { bytes: Buffer.alloc(0), ends: [] };
    this.#size -= text.bytes.length;
    this.#texts.delete(log.origin);
    extend(text, log);
    this.#texts.set(log.origin, text);
    this.#size += text.bytes.length;
    this.#trim();
    return text.bytes.subarray(0, text.ends[log.length - 1] ?? 0);
  }

  #trim(): void {
    for (const [origin, { bytes }] of this.#texts) {
      if (this.#size <= KEPT_BYTES || this.#texts.size === 1) return;
      this.#texts.delete(origin);
      this.#size -= bytes.length;
    }
  }
}

function extend(text: Text, log: Log<unknown>): void {
  const known = text.ends.length;
  if (log.length <= known) return;
  const before = text.ends.at(-1) ?? 0;
  let end = before;
  const added = log.slice(known).map((entry, index) => {
    const lead = known + index === 0 ? '[\n' : ',\n';
    const bytes = Buffer.from(`${lead}${INDENT}${INDENT}${pretty(entry, 2)}`);
    text.ends.push((end += bytes.length));
    return bytes;
  });
  if (end > text.bytes.length) {
    const larger = Buffer.alloc(Math.ceil(end * 1.5));
    text.bytes.copy(larger, 0, 0, before);
    text.bytes = larger;
  }
  let at = before;
  for (const bytes of added) at += bytes.copy(text.bytes, at);
}

const keptEntries = new KeptEntries();
