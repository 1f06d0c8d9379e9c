// What one durable record costs the disk at the least: an append and its datasync, one after the other. Prints the
// median in milliseconds.
import { open } from 'node:fs/promises';

const [path = '', bytes = '1000'] = process.argv.slice(2);
const handle = await open(path, 'w');
const record = Buffer.alloc(Number(bytes), 'x');
const times = [];
for (let index = 0; index < 300; index += 1) {
  const began = performance.now();
  await handle.write(record);
  await handle.datasync();
  times.push(performance.now() - began);
}
times.sort((a, b) => a - b);
console.log(times[times.length >> 1]);
