// Looks through JSON before it is parsed: how deep it is nested and how many values it holds decide what it will cost,
// not its length. It need not be valid: what it says of invalid JSON is of no importance.
import { BODY_DEPTH, BODY_ENTRIES, BODY_FIELDS, written } from '../domain/bounds.ts';
import { invalid, MaestroError } from '../domain/errors.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** How much of the path to a place stands in a refusal. */
const PATH_PARTS = 8;
const PART_LENGTH = 40;

/** An open object or list. */
interface Level {
  isList: boolean;
  /** The number of the present entry of a list. */
  index: number;
  /** Where the last text of an object began and ended: when something opens in it, its name. */
  start: number;
  end: number;
}

/**
 * @param json UTF-8
 * @throws VALIDATION_ERROR, naming the field, when it is nested too deep; PAYLOAD_TOO_LARGE when it holds too much
 */
export function checkShape(json: Buffer): void {
  const levels: Level[] = [];
  let fields = 0;
  let entries = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    const level = levels.at(-1);
    if (byte === QUOTE) {
      const end = endOfText(json, at);
      if (level && !level.isList) Object.assign(level, { start: at, end });
      at = end;
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      if (levels.length === BODY_DEPTH) throw tooDeep(json, levels);
      if (byte === OPEN_LIST) entries += 1;
      levels.push({ isList: byte === OPEN_LIST, index: 0, start: 0, end: 0 });
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) levels.pop();
    else if (byte === COLON) fields += 1;
    else if (byte === COMMA && level?.isList === true) {
      entries += 1;
      level.index += 1;
    }
  }
  if (fields > BODY_FIELDS) throw tooMuch(BODY_FIELDS, 'fields, all its objects together', fields);
  if (entries > BODY_ENTRIES) throw tooMuch(BODY_ENTRIES, 'entries, all its lists together', entries);
}

/** Where the text that begins at `start` has its closing quote; the end of the JSON when there is none. */
function endOfText(json: Buffer, start: number): number {
  for (let end = json.indexOf(QUOTE, start + 1); end !== -1; end = json.indexOf(QUOTE, end + 1)) {
    let escapes = 0;
    while (json[end - 1 - escapes] === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return json.length;
}

function tooDeep(json: Buffer, levels: readonly Level[]): MaestroError {
  const parts = levels.slice(0, PATH_PARTS).map(({ isList, index, start, end }) => {
    const name = isList ? String(index) : json.toString('utf8', start + 1, end);
    return name.length > PART_LENGTH ? `${name.slice(0, PART_LENGTH)}…` : name;
  });
  const path = parts.join('.');
  const problem = `must not be nested deeper than ${BODY_DEPTH} levels`;
  return invalid(`${path} ${problem}`, { [path]: problem });
}

const tooMuch = (most: number, what: string, found: number): MaestroError =>
  new MaestroError(
    'PAYLOAD_TOO_LARGE',
    `the body must have at most ${written(most)} ${what}; it has ${written(found)}`,
  );
