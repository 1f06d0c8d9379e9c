// Journals made by hand, and what recovery makes of them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Commit } from '../../src/domain/commit.ts';
import { CommitText } from '../../src/storage/commit-text.ts';
import { encodeLine } from '../../src/storage/journal-line.ts';
import { RecordFiles } from '../../src/storage/record-files.ts';
import { recover, type Recovered } from '../../src/storage/recovery.ts';

export const segmentPath = (folder: string, ordinal: number): string =>
  join(folder, 'journal', `${String(ordinal).padStart(8, '0')}.log`);

export const header = (ordinal: number, after: number): string =>
  encodeLine(after, JSON.stringify({ segment: ordinal, after }));

export const line = (commit: Commit, durable = commit.number - 1): string =>
  encodeLine(durable, new CommitText(commit).text);

export function writeSegment(folder: string, ordinal: number, ...lines: string[]): void {
  mkdirSync(join(folder, 'journal'), { recursive: true });
  writeFileSync(segmentPath(folder, ordinal), lines.join(''));
}

export const readSegment = (folder: string, ordinal: number): Buffer =>
  readFileSync(segmentPath(folder, ordinal));

export const recovered = (folder: string): Recovered => recover(folder, new RecordFiles(folder));

/** The text with one bit of it turned. */
export function damaged(text: string): string {
  const middle = Math.floor(text.length / 2);
  const turned = String.fromCharCode(text.charCodeAt(middle) ^ 1);
  return text.slice(0, middle) + turned + text.slice(middle + 1);
}
