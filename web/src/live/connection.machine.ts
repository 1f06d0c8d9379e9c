// The page's way to the server. Only in `live` is what it shows true; everything else is told to the user at once.
import { assign, fromCallback, fromPromise, setup } from 'xstate';
import {
  at,
  get,
  socketAddress,
  type Health,
  type Project,
  type Queue,
  type Summary,
  type Task,
  type Whole,
} from './api.ts';
import type { Fact, Reading, World } from './world.ts';

type Heard = { type: 'opened' } | { type: 'closed' } | { type: 'resync' };

const PING_MS = 10_000;
/** How long a pong may take. */
const PATIENCE_MS = 5_000;

/** The number of the last fact first: what comes while the lists are read is asked for with `since`. */
async function readAll(world: World): Promise<void> {
  const health = await get<Health>('health');
  const [projects, tasks, living, failed] = await Promise.all([
    get<Project[]>('api/projects'),
    get<Task[]>('api/tasks'),
    get<Summary[]>('api/sessions?view=summary&active=true'),
    get<Summary[]>('api/sessions?view=summary&status=failed'),
  ]);
  const reading: Reading = { health, projects, tasks, sessions: [...living, ...failed] };
  world.begin(reading);
}

/** What cannot be read is not there any more. */
async function readOne(world: World, id: string): Promise<void> {
  const session = await get<Whole>(at('sessions', id));
  const isQueue = session.strategy === 'queue';
  const queue = isQueue ? (await get<{ queue: Queue }>(at('sessions', id, 'queue'))).queue : null;
  world.addWhole(session, queue);
}

/** A WebSocket for as long as the state lasts. */
function listen(world: World, send: (heard: Heard) => void): () => void {
  world.onUnknown = (id) => void readOne(world, id).catch(() => undefined);
  const socket = new WebSocket(socketAddress(`view=changes&topics=all&since=${world.seq}`));
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const pinging = setInterval(() => {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send('{"type":"ping"}');
    waiting ??= setTimeout(() => send({ type: 'closed' }), PATIENCE_MS);
  }, PING_MS);
  socket.onopen = () => send({ type: 'opened' });
  socket.onclose = () => send({ type: 'closed' });
  socket.onmessage = ({ data }: MessageEvent<string>) => {
    const message = JSON.parse(data) as Fact;
    clearTimeout(waiting);
    waiting = undefined;
    if (message.type === 'resync') send({ type: 'resync' });
    else if (message.type !== 'pong') world.hear(message);
  };
  return () => {
    clearInterval(pinging);
    clearTimeout(waiting);
    socket.onclose = null;
    socket.close();
  };
}

export const connectionMachine = setup({
  types: {
    context: {} as { world: World; lostAt: number | null; tries: number },
    input: {} as { world: World },
    events: {} as Heard | { type: 'retry' },
  },
  actors: {
    readAll: fromPromise(({ input }: { input: World }) => readAll(input)),
    listen: fromCallback<{ type: string }, World>(({ input, sendBack }) => listen(input, sendBack)),
  },
  actions: {
    noteLoss: assign({
      lostAt: ({ context }) => context.lostAt ?? Date.now(),
      tries: ({ context }) => context.tries + 1,
    }),
    noteLife: assign({ lostAt: null, tries: 0 }),
  },
  guards: {
    hasRead: ({ context }) => context.world.version > 0,
  },
  delays: {
    pause: ({ context }) => Math.min(5_000, 250 * 2 ** context.tries),
  },
}).createMachine({
  id: 'connection',
  context: ({ input }) => ({ world: input.world, lostAt: null, tries: 0 }),
  initial: 'reading',
  states: {
    reading: {
      description: 'Everything is read.',
      invoke: {
        src: 'readAll',
        input: ({ context }) => context.world,
        onDone: 'connected',
        onError: { target: 'lost', actions: 'noteLoss' },
      },
    },
    connected: {
      description: 'The WebSocket is there, or about to be.',
      invoke: { src: 'listen', input: ({ context }) => context.world },
      initial: 'opening',
      on: {
        closed: { target: 'lost', actions: 'noteLoss' },
        resync: { target: 'reading' },
      },
      states: {
        opening: {
          description: 'What was missed is not there yet.',
          on: { opened: { target: 'live', actions: 'noteLife' } },
        },
        live: { description: 'What is shown is true.', tags: ['live'] },
      },
    },
    lost: {
      description: 'What is shown is old.',
      after: { pause: [{ guard: 'hasRead', target: 'connected' }, { target: 'reading' }] },
      on: { retry: [{ guard: 'hasRead', target: 'connected' }, { target: 'reading' }] },
    },
  },
});
