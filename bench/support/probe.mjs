// @ts-check
// In a thread of its own, since the thread that sends an expensive request is busy with its answer: asks a cheap question on
// a connection of its own again and again, and says how long the longest of its answers took.
import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const EVERY_MS = 2;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let worst = 0;
let isOver = false;

const probe = () =>
  new Promise((resolve) => {
    const began = performance.now();
    request(`${workerData}/health`, { agent }, (response) => {
      response.resume();
      response.on('end', () => {
        worst = Math.max(worst, performance.now() - began);
        resolve(undefined);
      });
    })
      .on('error', resolve)
      .end();
  });

parentPort?.on('message', () => (isOver = true));
await probe();
worst = 0;
parentPort?.postMessage('begun');
while (!isOver) {
  await probe();
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
}
parentPort?.postMessage(worst);
parentPort?.close();
agent.destroy();
