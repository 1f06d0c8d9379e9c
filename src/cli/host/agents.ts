// The agents of this machine, those of earlier hosts included.
// A1. One session has one agent: starting another ends the one before it, whichever host started that.
// A2. What is on record decides: an agent that it no longer names is nobody's, and its end is not the session's.
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asError } from '../../domain/errors.ts';
import type { SeenEnd } from '../agent/end-report.ts';
import {
  isSameAgent,
  readRecord,
  removeRecord,
  writeRecord,
  type AgentRecord,
  type SessionPlace,
} from './agent-record.ts';
import { launchFrom, notStarted } from './launch.ts';
import { isRunning, killGroup, markOf } from './process-mark.ts';
import type { Begun, Runner, SpawnData } from './runner.ts';
import { endInPane, tmux } from './tmux.ts';

export interface RunningAgent {
  /** Where a person finds it: a process, a window. */
  readonly place: string;
  /** The file that holds its output. */
  readonly log: string;
  /** The server's time of its claim. */
  readonly asOf: number;
  readonly ended: Promise<SeenEnd>;
  /** Whether it is still the agent of its session. */
  isCurrent(): boolean;
  /** Its end has arrived where it belongs: it needs not be known any more. */
  forget(): void;
}

export interface Agents {
  /** @throws CliError when it cannot be started, with a sentence that says why */
  start(order: SpawnData): Promise<RunningAgent>;
  /** The agent that an earlier host has left, running or not; undefined when there is none, or another host has it. */
  takeOver(session: { id: string; manifestPath?: string | undefined }): RunningAgent | undefined;
}

const lookMs = 1_000;
/** A pane may be asked so often how its process ended. */
const mostLooksWithout = 5;

/** @param sessionDir for sessions whose environment does not say where they have their folders */
export function createAgents(runner: Runner, sessionDir: string): Agents {
  const host = markOf(process.pid);

  return {
    async start(order) {
      const { id, lastActivity: asOf } = order.session;
      const place = { id, sessionDir: order.envVars['SESSION_DIR'] ?? sessionDir };
      await endPredecessor(place);
      const launch = await launchFrom(order, place);
      let agent: RunningAgent | undefined;
      await runner.start(launch, (begun) => {
        const { process, tmux: pane } = begun;
        const record = { sessionId: id, asOf, log: launch.log, process, host, ...(pane && { tmux: pane }) };
        writeDown(place, record);
        agent = agentOf(record, place, begun);
      });
      if (agent === undefined) throw new Error('a runner that has started nothing');
      return agent;
    },

    takeOver({ id, manifestPath }) {
      // `{SESSION_DIR}/{id}/manifest.json`, with the SESSION_DIR that the session's environment has.
      const place = { id, sessionDir: manifestPath ? dirname(dirname(manifestPath)) : sessionDir };
      const record = readRecord(place);
      if (record === undefined || isRunning(record.host)) return undefined;
      const own = { ...record, host };
      writeRecord(place, own);
      return agentOf(own, place);
    },
  };
}

/** An agent that cannot be known again must not go on. */
function writeDown(place: SessionPlace, record: AgentRecord): void {
  try {
    writeRecord(place, record);
  } catch (thrown) {
    killGroup(record.process);
    throw notStarted(`it cannot be put on record: ${asError(thrown).message}`);
  }
}

async function endPredecessor(place: SessionPlace): Promise<void> {
  const before = readRecord(place);
  if (before === undefined) return;
  removeRecord(place);
  killGroup(before.process);
  await closePane(before);
}

function agentOf(record: AgentRecord, place: SessionPlace, begun?: Begun): RunningAgent {
  const { log, asOf, process, tmux: pane } = record;
  const isCurrent = () => isSameAgent(readRecord(place), record);
  return {
    place: pane ? `tmux pane ${pane.pane}` : `process ${process.pid}`,
    log,
    asOf,
    ended: begun?.ended ?? seenEnd(record),
    isCurrent,
    forget: () => {
      if (isCurrent()) removeRecord(place);
    },
  };
}

/** Looks until it has ended. A pane that is gone is an end only when its process is; one that is there tells how. */
async function seenEnd(record: AgentRecord): Promise<SeenEnd> {
  const { process, tmux: pane } = record;
  let looksWithout = 0;
  for (;;) {
    looksWithout = isRunning(process) ? 0 : looksWithout + 1;
    const end = pane && (await endInPane(pane.socket, pane.pane));
    if (end) {
      await closePane(record);
      return end;
    }
    const isGone = end === undefined ? looksWithout > 0 : looksWithout > mostLooksWithout;
    if (isGone) {
      await closePane(record);
      return { how: 'unseen' };
    }
    await delay(lookMs);
  }
}

async function closePane({ tmux: pane }: AgentRecord): Promise<void> {
  // Gone already, by hand or with its server.
  if (pane) await tmux(pane.socket, 'kill-pane', '-t', pane.pane).catch(() => undefined);
}
