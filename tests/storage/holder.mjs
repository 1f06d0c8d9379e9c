// Takes a folder and holds it until its input ends; says that it holds, or why it was refused.
import { writeSync } from 'node:fs';
import { FileStorage } from '../../build/storage/file-storage.js';

const say = (value) => writeSync(1, `${JSON.stringify(value)}\n`);
const storage = new FileStorage({ folder: process.argv[2], onProblem: (problem) => say({ problem }) });

async function take() {
  try {
    await storage.open();
    say({ held: process.pid });
  } catch ({ code, message, details }) {
    say({ refused: { code, message, details } });
  }
}

say({ ready: true });
// Starters that race wait for a line, so that they begin at once.
if (process.argv[3] === 'wait') process.stdin.once('data', () => void take());
else void take();
process.stdin.once('end', () => void storage.close().then(() => process.exit(0)));
process.stdin.resume();
