// An agent that works as the contract says, whatever happens to the server meanwhile: it repeats what had no answer with
// the same Idempotency-Key, and at the end finds each of its moves there exactly once.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Answer, Api } from '../support/api.ts';

const AGAIN_MS = 100;
const GIVE_UP_MS = 30_000;
const TASKS = 3;
const REPORTS = 4;

export class Agent {
  stories = 0;
  readonly #api: Api;
  readonly #projectId: string;
  readonly #latencies: number[];

  /** @param latencies takes the duration of each request that was answered, in milliseconds */
  constructor(api: Api, projectId: string, latencies: number[]) {
    this.#api = api;
    this.#projectId = projectId;
    this.#latencies = latencies;
  }

  async work(isOver: () => boolean): Promise<void> {
    while (!isOver()) await this.#story();
  }

  /** A queue of tasks from the spawn to the end; then all of it is deleted. */
  async #story(): Promise<void> {
    const projectId = this.#projectId;
    const taskIds: string[] = [];
    while (taskIds.length < TASKS)
      taskIds.push((await this.#asked('POST', '/api/tasks', { projectId, title: 'T' })).id);
    const spawn = { projectId, taskIds, strategy: 'queue' };
    const { sessionId } = await this.#asked('POST', '/api/sessions/spawn', spawn);
    const session = `/api/sessions/${sessionId}`;
    await this.#asked('PATCH', session, { status: 'working' });
    const reports: string[] = [];
    for (const taskId of taskIds) {
      await this.#asked('POST', `${session}/queue/start`);
      expect((await this.#asked('GET', `/api/tasks/${taskId}`)).sessionIds).toEqual([sessionId]);
      while (reports.length % REPORTS !== REPORTS - 1) reports.push(await this.#report(session));
      reports.push(await this.#report(session));
      await this.#asked('POST', `${session}/queue/complete`);
    }
    await this.#asked('PATCH', session, { status: 'completed' });

    const { timeline, status } = await this.#asked('GET', session);
    expect(status).toBe('completed');
    const told = timeline.map(({ message }: { message?: string }) => message);
    expect(told.filter((message: string) => reports.includes(message))).toEqual(reports);
    const { items } = await this.#asked('GET', `${session}/queue/items`);
    expect(items.map((item: { status: string }) => item.status)).toEqual(taskIds.map(() => 'completed'));
    await this.#asked('DELETE', session);
    for (const taskId of taskIds) await this.#asked('DELETE', `/api/tasks/${taskId}`);
    this.stories += 1;
  }

  async #report(session: string): Promise<string> {
    const message = randomUUID();
    await this.#asked('POST', `${session}/timeline`, { message });
    return message;
  }

  /** The body of the answer, however often it must be asked for. */
  async #asked(method: string, path: string, body?: object): Promise<any> {
    const headers = { 'idempotency-key': randomUUID() };
    const until = performance.now() + GIVE_UP_MS;
    for (;;) {
      const answer = await this.#once(() => this.#api.send(method, path, body, headers));
      // What was deleted before its answer was lost is not there any more.
      const isDone =
        answer !== null && (answer.status < 300 || (method === 'DELETE' && answer.status === 404));
      if (isDone) return answer.body;
      // A disk that failed the manifest: the same spawn takes the session up again.
      const isPassing = answer?.status === 503 || answer?.body?.code === 'manifest_generation_failed';
      if (answer !== null && !isPassing)
        throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      if (performance.now() > until) throw new Error(`${method} ${path} had no answer for ${GIVE_UP_MS} ms`);
      await delay(AGAIN_MS);
    }
  }

  /** Null when the server was gone. */
  async #once(send: () => Promise<Answer>): Promise<Answer | null> {
    const began = performance.now();
    try {
      const answer = await send();
      if (answer.status < 300) this.#latencies.push(performance.now() - began);
      return answer;
    } catch (error) {
      // fetch tells every lost connection by a TypeError.
      if (error instanceof TypeError) return null;
      throw error;
    }
  }
}
