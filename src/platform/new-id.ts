import { randomInt } from 'node:crypto';
import type { Clock } from '../domain/clock.ts';
import type { NewId } from '../domain/ids.ts';

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz';
const LENGTH = 9;

/** Ids of the contract's form, from a cryptographic source: 36⁹ of them in each millisecond. */
export const newIdFrom =
  (clock: Clock): NewId =>
  (prefix) => {
    let random = '';
    for (let index = 0; index < LENGTH; index += 1) random += alphabet[randomInt(alphabet.length)] ?? '';
    return `${prefix}_${clock.now()}_${random}`;
  };
