// The fastest way to read and parse JSON files below a folder: synchronously, one after the other. Prints milliseconds.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const [folder = ''] = process.argv.slice(2);
const began = performance.now();
let count = 0;
/** @param {string} path */
const read = (path) => {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) read(join(path, entry.name));
    else if (entry.name.endsWith('.json')) {
      JSON.parse(readFileSync(join(path, entry.name), 'utf8'));
      count += 1;
    }
  }
};
read(folder);
console.log(performance.now() - began);
if (count === 0) throw new Error(`there is nothing in ${folder}`);
