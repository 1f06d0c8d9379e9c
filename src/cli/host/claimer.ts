// Takes spawns that await an agent and starts them.
// L1. What is started was claimed before, so that two hosts never start one session twice.
// L2. One spawn is started once, also when it is heard of several times: as a fact, replayed, and looked up.
// L3. Agents that an earlier host has left are taken over before anything is started, so that none is started twice.
import { z } from 'zod';
import { asError } from '../../domain/errors.ts';
import { reportEnd, type SeenEnd } from '../agent/end-report.ts';
import type { Client } from '../client.ts';
import { CliError, exitCodes } from '../errors.ts';
import { pathOf, summariesPath } from '../paths.ts';
import { isServerAway } from '../refusals.ts';
import { SessionView } from '../views.ts';
import type { Tell } from './events.ts';
import type { Agents, RunningAgent } from './agents.ts';
import { SpawnData } from './runner.ts';

interface ClaimerOptions {
  /** Names this host to the server, and no other. */
  host: string;
  projectId: string | undefined;
  client: Client;
  /** For the end of an agent, which must arrive. */
  patientClient: Client;
  agents: Agents;
  tell: Tell;
}

interface Started {
  /** The server's time of the claim; what was announced until then is covered by it. */
  asOf: number;
  /** Null when it has ended, or could not be started. */
  agent: RunningAgent | null;
  /** By an earlier host. */
  isTakenOver: boolean;
}

const againMs = 10_000;

export class Claimer {
  readonly #options: ClaimerOptions;
  /** Until the server knows of the agent's end. */
  readonly #started = new Map<string, Started>();
  #hasTakenOver = false;
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
      if (!this.#hasTakenOver) await this.#takeOver();
      this.#hasTakenOver = true;
      const path = summariesPath({ status: 'spawning', projectId });
      for (const { id } of await client.get(path, z.array(SessionView))) {
        // A respawn that no host has heard of: the server would not give us what an earlier host has claimed.
        const isNews = this.#started.get(id)?.isTakenOver ?? true;
        if (isNews) await this.#take(id);
      }
    });
  }

  async #takeOver(): Promise<void> {
    const { client, projectId, agents, tell } = this.#options;
    const path = summariesPath({ active: 'true', projectId });
    for (const session of await client.get(path, z.array(SessionView))) {
      const agent = this.#started.has(session.id) ? undefined : agents.takeOver(session);
      if (agent === undefined) continue;
      tell({ event: 'found', sessionId: session.id, place: agent.place, log: agent.log });
      this.#watch(session.id, { asOf: agent.asOf, agent, isTakenOver: true }, agent);
    }
  }

  /** Of how many sessions something is kept. */
  get known(): number {
    return this.#started.size;
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
    const started: Started = { asOf: spawn.session.lastActivity, agent: null, isTakenOver: false };
    this.#started.set(sessionId, started);
    try {
      const agent = await this.#options.agents.start(spawn);
      started.agent = agent;
      this.#options.tell({ event: 'started', sessionId, place: agent.place, log: agent.log });
      this.#watch(sessionId, started, agent);
    } catch (thrown) {
      await this.#ended(sessionId, started, { how: 'notStarted', message: asError(thrown).message });
    }
  }

  #watch(sessionId: string, started: Started, agent: RunningAgent): void {
    this.#started.set(sessionId, started);
    void agent.ended.then((end) => this.#ended(sessionId, started, end));
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
  async #ended(sessionId: string, started: Started, end: SeenEnd): Promise<void> {
    const { tell, patientClient } = this.#options;
    const { agent } = started;
    const isReplaced = this.#started.get(sessionId) !== started || agent?.isCurrent() === false;
    started.agent = null;
    tell(
      end.how === 'notStarted'
        ? { event: 'failed', sessionId, message: end.message }
        : { event: 'ended', sessionId, how: wordsFor(end) },
    );
    if (isReplaced) return;
    try {
      await reportEnd(patientClient, sessionId, end);
      agent?.forget();
      // The session has ended at the server too, or is gone: the server refuses its claim until it is spawned again.
      if (this.#started.get(sessionId) === started) this.#started.delete(sessionId);
    } catch (thrown) {
      const message = `its end could not be reported: ${asError(thrown).message}`;
      tell({ event: 'failed', sessionId, message });
    }
  }
}

function wordsFor(end: Exclude<SeenEnd, { how: 'notStarted' }>): string {
  switch (end.how) {
    case 'exited':
      return `exit code ${end.code}`;
    case 'killed':
      return end.signal;
    case 'unseen':
      return 'nobody saw how';
  }
}
