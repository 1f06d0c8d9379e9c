// Takes spawns that await an agent and starts them.
// L1. What is started was claimed before, so that two hosts never start one session twice.
// L2. One spawn is started once, also when it is heard of several times: as a fact, replayed, and looked up.
// L3. A respawn takes the place of an agent that still runs here.
import { z } from 'zod';
import { asError } from '../../domain/errors.ts';
import { reportEnd } from '../agent/end-report.ts';
import type { AgentEnd } from '../agent/launch.ts';
import type { Client } from '../client.ts';
import { CliError, exitCodes } from '../errors.ts';
import { listPath, pathOf } from '../paths.ts';
import { isServerAway } from '../refusals.ts';
import { SessionView } from '../views.ts';
import type { Tell } from './events.ts';
import { SpawnData, type Runner, type RunningAgent } from './runner.ts';

interface ClaimerOptions {
  /** Names this host to the server, and no other. */
  host: string;
  projectId: string | undefined;
  client: Client;
  /** For the end of an agent, which must arrive. */
  patientClient: Client;
  runner: Runner;
  tell: Tell;
}

interface Started {
  /** The server's time of the claim; what was announced until then is covered by it. */
  asOf: number;
  /** Null when it has ended, or could not be started. */
  agent: RunningAgent | null;
}

const againMs = 10_000;

export class Claimer {
  readonly #options: ClaimerOptions;
  readonly #started = new Map<string, Started>();
  #turn: Promise<void> = Promise.resolve();
  #again: NodeJS.Timeout | undefined;

  constructor(options: ClaimerOptions) {
    this.#options = options;
  }

  /** A spawn was announced at `at`, on the server's clock. */
  announced(sessionId: string, at: number): void {
    this.#inTurn(async () => {
      const { asOf = -1 } = this.#started.get(sessionId) ?? {};
      if (at > asOf) await this.#take(sessionId);
    });
  }

  /** Looks for spawns that were announced while nobody listened. */
  lookUp(): void {
    this.#inTurn(async () => {
      const { client, projectId } = this.#options;
      const path = listPath('session', { status: 'spawning', projectId });
      for (const { id } of await client.get(path, z.array(SessionView))) {
        if (!this.#started.has(id)) await this.#take(id);
      }
    });
  }

  /** The agents that run now. */
  running(): { sessionId: string; agent: RunningAgent }[] {
    return [...this.#started].flatMap(([sessionId, { agent }]) => (agent ? [{ sessionId, agent }] : []));
  }

  /** One after the other. After a fault everything is looked up again: a spawn may have been missed by it. */
  #inTurn(step: () => Promise<void>): void {
    this.#turn = this.#turn.then(step).catch((thrown: unknown) => {
      const { tell, client } = this.#options;
      // A server that is away is told of by the connection.
      if (!isServerAway(thrown))
        tell({ event: 'waiting', url: client.url, message: asError(thrown).message });
      clearTimeout(this.#again);
      this.#again = setTimeout(() => this.lookUp(), againMs).unref();
    });
  }

  async #take(sessionId: string): Promise<void> {
    const spawn = await this.#claim(sessionId);
    if (spawn === undefined) return;
    this.#started.get(sessionId)?.agent?.kill();
    const started: Started = { asOf: spawn.session.lastActivity, agent: null };
    this.#started.set(sessionId, started);
    try {
      const agent = await this.#options.runner.start(spawn);
      started.agent = agent;
      this.#options.tell({ event: 'started', sessionId, place: agent.place, log: agent.log });
      void agent.ended.then((end) => this.#ended(sessionId, started, end));
    } catch (thrown) {
      await this.#ended(sessionId, started, { how: 'notStarted', message: asError(thrown).message });
    }
  }

  /** Undefined when another host has it, or it awaits nobody any more. */
  async #claim(sessionId: string): Promise<SpawnData | undefined> {
    const { client, host } = this.#options;
    try {
      return await client.post(pathOf('session', sessionId, 'claim'), { host }, SpawnData);
    } catch (thrown) {
      const isGone = thrown instanceof CliError && thrown.exitCode === exitCodes.notFound;
      if (isGone || (thrown instanceof CliError && thrown.code === 'CONFLICT')) return undefined;
      throw thrown;
    }
  }

  /** The agent's own command reports its end; this is for one that was not able to. */
  async #ended(sessionId: string, started: Started, end: AgentEnd): Promise<void> {
    const { tell, patientClient } = this.#options;
    const isReplaced = this.#started.get(sessionId) !== started;
    started.agent = null;
    if (end.how === 'notStarted') tell({ event: 'failed', sessionId, message: end.message });
    else
      tell({ event: 'ended', sessionId, how: end.how === 'exited' ? `exit code ${end.code}` : end.signal });
    if (isReplaced) return;
    await reportEnd(patientClient, sessionId, end).catch((thrown: unknown) => {
      tell({
        event: 'failed',
        sessionId,
        message: `its end could not be reported: ${asError(thrown).message}`,
      });
    });
  }
}
