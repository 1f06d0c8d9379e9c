// @ts-check
// `npm run example`: plays the story and prints it.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { playStory } from './story.mjs';

const folder = mkdtempSync(join(tmpdir(), 'maestro-example-'));
const { session, task } = await playStory({ folder, tell: (line) => console.log(line) });

console.log(
  `\nTask "${task.title}" is ${task.sessionStatus}; its session ${session.id} is ${session.status}.`,
);
console.log('Its timeline:');
for (const { type, message } of session.timeline) console.log(`  ${type.padEnd(16)} ${message ?? ''}`);
console.log(`\nAll data is in ${folder}.`);
