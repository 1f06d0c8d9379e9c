// Commits one timeline entry after the other; says each number that was acknowledged, and the code of each refusal.
import { writeSync } from 'node:fs';
import { FileStorage } from '../../build/storage/file-storage.js';
import { recordKinds } from '../../build/domain/records.js';

const say = (value) => writeSync(1, `${JSON.stringify(value)}\n`);
const storage = new FileStorage({ folder: process.argv[2], onProblem: (problem) => say({ problem }) });
await storage.open();

// Where files may not grow past a size, the system sends this signal, and the write fails too when it is heard.
process.on('SIGXFSZ', () => undefined);

let number = 0;
let session = recordKinds.session.parse({ id: 'sess_1', projectId: 'proj_1', startedAt: 1 });
for (;;) {
  const entry = { id: `evt_${number + 1}`, type: 'progress', timestamp: number };
  const record = { ...session, timeline: session.timeline.append([entry]) };
  const change =
    number === 0
      ? { op: 'put', kind: 'session', id: 'sess_1', record: { ...record } }
      : { op: 'write', kind: 'session', id: 'sess_1', list: 'timeline', at: number, items: [entry] };
  const image = { kind: 'session', id: 'sess_1', record, projectId: 'proj_1' };
  try {
    await storage.commit({ number: number + 1, at: 1, changes: [change], images: [image], facts: [] });
    number += 1;
    session = record;
    say({ ack: number });
  } catch (error) {
    say({ refused: error.code ?? String(error) });
  }
  await new Promise((resolve) => setTimeout(resolve, 2));
}
