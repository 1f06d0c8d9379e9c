import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SeenEnd } from '../../src/cli/agent/end-report.ts';
import type { Client } from '../../src/cli/client.ts';
import { CliError } from '../../src/cli/errors.ts';
import { Claimer } from '../../src/cli/host/claimer.ts';
import type { HostEvent } from '../../src/cli/host/events.ts';
import type { Agents, RunningAgent } from '../../src/cli/host/agents.ts';
import type { SpawnData } from '../../src/cli/host/runner.ts';
import { ServerAway } from '../../src/cli/refusals.ts';

/** A server as the claimer sees it: spawns that await an agent, at a time of its own. */
function stage() {
  const waiting = new Set<string>();
  const agents: { id: string; end: (end: SeenEnd) => void; isCurrent: boolean }[] = [];
  const left = new Map<string, RunningAgent>();
  const patches: object[] = [];
  const told: HostEvent[] = [];
  const server = {
    now: 100,
    fault: undefined as CliError | undefined,
    startFault: undefined as Error | undefined,
  };

  const client = {
    url: 'http://server',
    get: (path: string) => {
      if (server.fault) return Promise.reject(server.fault);
      const view = (id: string) => ({ id, projectId: 'p', name: id, status: 'spawning' });
      const [, id] = /^\/api\/sessions\/([^/?]+)/.exec(path) ?? [];
      if (id !== undefined) return Promise.resolve(view(id));
      return Promise.resolve((path.includes('active') ? [...left.keys()] : [...waiting]).map(view));
    },
    post: (path: string) => {
      const id = path.split('/')[3] ?? '';
      if (server.fault) return Promise.reject(server.fault);
      if (!waiting.has(id)) return Promise.reject(new CliError('CONFLICT', 'taken'));
      const spawn: SpawnData = {
        session: { id, lastActivity: server.now },
        command: 'x',
        cwd: '',
        envVars: {},
      };
      return Promise.resolve(spawn);
    },
    patch: (_: string, body: object) => Promise.resolve(patches.push(body)),
  } as unknown as Client; // the three methods that a claimer calls

  const agent = (id: string, asOf: number): RunningAgent => {
    const { promise: ended, resolve: end } = withResolvers<SeenEnd>();
    const one = { id, end, isCurrent: true };
    agents.push(one);
    return {
      place: 'here',
      log: 'log',
      asOf,
      ended,
      isCurrent: () => one.isCurrent,
      forget: () => undefined,
    };
  };
  const machine: Agents = {
    start: ({ session: { id, lastActivity } }) =>
      server.startFault ? Promise.reject(server.startFault) : Promise.resolve(agent(id, lastActivity)),
    takeOver: ({ id }) => left.get(id),
  };
  const claimer = new Claimer({
    host: 'me',
    projectId: undefined,
    client,
    patientClient: client,
    agents: machine,
    tell: (event) => told.push(event),
  });
  return { claimer, waiting, left, agent, agents, patches, told, server };
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** Lets everything happen that waits for no timer. */
const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('the claimer of a host', () => {
  it('starts a spawn once that it looks up, hears of, and hears of again', async () => {
    const { claimer, waiting, agents, server } = stage();
    waiting.add('s1');
    claimer.lookUp();
    claimer.announced('s1', server.now);
    await settled();
    claimer.announced('s1', server.now);
    claimer.lookUp();
    await settled();
    expect(agents.map(({ id }) => id)).toEqual(['s1']);
  });

  it('starts a respawn anew, and does not report the end of the agent before it', async () => {
    const { claimer, waiting, agents, server, patches } = stage();
    waiting.add('s1');
    claimer.announced('s1', server.now);
    await settled();
    server.now = 200;
    claimer.announced('s1', server.now);
    await settled();
    expect(agents).toHaveLength(2);
    agents[0]?.end({ how: 'killed', signal: 'SIGKILL' });
    await settled();
    expect(patches, 'the end of the old one is not that of the session').toEqual([]);
    expect(claimer.running()).toHaveLength(1);
  });

  it('keeps nothing of sessions whose ends it has reported, and starts none of them again', async () => {
    const { claimer, waiting, agents, server } = stage();
    for (let at = 0; at < 100; at++) {
      waiting.add(`s${at}`);
      claimer.announced(`s${at}`, server.now);
      await settled();
      waiting.delete(`s${at}`);
      agents[at]?.end({ how: 'exited', code: 0 });
      await settled();
    }
    expect(claimer.known).toBe(0);
    claimer.announced('s7', server.now);
    claimer.lookUp();
    await settled();
    expect(agents).toHaveLength(100);
  });

  it('leaves alone what another host has', async () => {
    const { claimer, agents, told } = stage();
    claimer.announced('s1', 1);
    await settled();
    expect(agents).toEqual([]);
    expect(told).toEqual([]);
  });

  it('looks again, some time after a fault', async () => {
    const { claimer, waiting, agents, server } = stage();
    waiting.add('s1');
    server.fault = new ServerAway(new CliError('NO_CONNECTION', 'away'), 0);
    claimer.announced('s1', server.now);
    await settled();
    server.fault = undefined;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(agents.map(({ id }) => id)).toEqual(['s1']);
  });

  it('reports the end of an agent whose own command did not', async () => {
    const { claimer, waiting, agents, patches, server } = stage();
    waiting.add('s1');
    claimer.announced('s1', server.now);
    await settled();
    agents[0]?.end({ how: 'exited', code: 3 });
    await settled();
    expect(patches).toMatchObject([
      { status: 'failed', timeline: [{ type: 'error', message: expect.stringContaining('exit code 3') }] },
    ]);
    expect(claimer.running()).toEqual([]);
  });

  it('reports an agent that cannot be started, and goes on', async () => {
    const { claimer, waiting, agents, patches, server, told } = stage();
    waiting.add('s1').add('s2');
    server.startFault = new Error('no folder');
    claimer.announced('s1', server.now);
    await settled();
    server.startFault = undefined;
    claimer.announced('s2', server.now);
    await settled();
    expect(patches).toMatchObject([{ status: 'failed' }]);
    expect(told[0]).toEqual({ event: 'failed', sessionId: 's1', message: 'no folder' });
    expect(agents.map(({ id }) => id)).toEqual(['s2']);
  });

  it('takes over what an earlier host has left, starts it no second time, and reports its end', async () => {
    const { claimer, left, agent, agents, patches, told } = stage();
    left.set('s1', agent('s1', 50));
    claimer.lookUp();
    claimer.announced('s1', 50);
    await settled();
    expect(told).toEqual([{ event: 'found', sessionId: 's1', place: 'here', log: 'log' }]);
    agents[0]?.end({ how: 'unseen' });
    await settled();
    expect(agents).toHaveLength(1);
    expect(patches).toMatchObject([
      { status: 'failed', timeline: [{ message: expect.stringMatching(/gone/) }] },
    ]);
  });

  it('starts a respawn that was made while no host was there', async () => {
    const { claimer, left, agent, agents, waiting } = stage();
    left.set('s1', agent('s1', 50));
    waiting.add('s1');
    claimer.lookUp();
    await settled();
    expect(agents).toHaveLength(2);
    expect(claimer.running()).toHaveLength(1);
  });

  it('does not report the end of an agent that is no longer that of its session', async () => {
    const { claimer, waiting, agents, patches, server } = stage();
    waiting.add('s1');
    claimer.announced('s1', server.now);
    await settled();
    const [first] = agents;
    if (first) first.isCurrent = false;
    first?.end({ how: 'exited', code: 1 });
    await settled();
    expect(patches).toEqual([]);
  });
});
