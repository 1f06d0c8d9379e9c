// Text of agents and clients on a terminal: it may say anything, but not steer the terminal.
import { stripVTControlCharacters } from 'node:util';

/** More than any line shows. */
const mostCharacters = 2_000;

/** One line without control characters, nor those that turn the direction of what follows. */
export const printable = (text: string): string =>
  stripVTControlCharacters(text.slice(0, mostCharacters))
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '');
