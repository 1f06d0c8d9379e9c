// @ts-check
// Prints how the actors of a server with MAESTRO_INSPECT=1 move: `node examples/inspect/print.mjs [ws://…/inspect]`.
import { createWebSocketReceiver } from '@statelyai/inspect';

const server = process.argv[2] ?? 'ws://localhost:3000/inspect';
/** @type {Map<string, string>} */
const names = new Map();

// The receiver hands on no error of its connection: it ends the process.
process.on('uncaughtException', ({ message }) => {
  console.error(`${server} cannot be attached to: ${message}`);
  process.exit(1);
});
createWebSocketReceiver({ server }).subscribe((event) => {
  if (event.type === '@xstate.actor') names.set(event.sessionId, event.name);
  const name = names.get(event.sessionId) ?? event.sessionId;
  const what = event.type === '@xstate.event' ? event.event.type : '';
  const { value, status } = /** @type {{value?: unknown, status?: string}} */ (
    'snapshot' in event ? event.snapshot : {}
  );
  const where = event.type === '@xstate.event' ? '' : JSON.stringify(value ?? status);
  console.log(event.type.replace('@xstate.', '').padEnd(8), name.padEnd(42), what || where);
});
