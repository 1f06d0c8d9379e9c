// What a server written in an afternoon does for the same PATCH: express, the record's file written without a sync, and
// the fact serialised anew for each watcher.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { WebSocketServer } from 'ws';

const folder = mkdtempSync(join(tmpdir(), 'maestro-bench-simple-'));
/** @type {Map<string, Record<string, unknown>>} */
const tasks = new Map();
let seq = 0;

/** @param {Record<string, unknown> & {id: string}} task */
function save(task) {
  tasks.set(task.id, task);
  writeFileSync(join(folder, `${task.id}.json`), JSON.stringify(task, null, 2));
}

/** @param {string} type @param {unknown} data */
function broadcast(type, data) {
  seq += 1;
  for (const client of sockets.clients)
    client.send(JSON.stringify({ type, event: type, data, timestamp: Date.now(), seq }));
}

const app = express();
app.use(express.json());
app.put('/api/tasks/:id', (request, response) => {
  save({ ...request.body, id: request.params.id });
  response.sendStatus(204);
});
app.patch('/api/tasks/:id', (request, response) => {
  const { id } = request.params;
  const task = { ...tasks.get(id), ...request.body, id, updatedAt: Date.now() };
  save(task);
  broadcast('task:updated', task);
  response.json(task);
});

const server = createServer(app);
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null)
    console.log(`listens on http://127.0.0.1:${address.port}`);
});
process.once('SIGTERM', () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
