// The built server is killed again and again under load, on the same data. CRASH_KILLS says how often (8).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Api } from '../support/api.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startProcess } from '../support/server.ts';
import { Watch } from '../support/watch.ts';

const KILLS = Number(process.env['CRASH_KILLS'] ?? 8);
const CONNECTIONS = 16;
const ROUND_MS = { least: 200, more: 800 };
const LIMIT_MS = 60_000 + KILLS * 10_000;

/** What one client has asked for: it is alone in changing its task and session. */
class Client {
  #taskId: string | undefined;
  #sessionId: string | undefined;
  #title = 'T';
  #asked = 'T';
  /** Entries on the timeline: answered, and asked for. */
  #entries = { answered: 0, asked: 0 };
  acknowledged = 0;

  /** Changes things until the server is gone. */
  async work(api: Api, projectId: string): Promise<void> {
    try {
      this.#taskId ??= await this.#made(api.post('/api/tasks', { projectId, title: this.#title }));
      this.#sessionId ??= await this.#made(api.post('/api/sessions', { projectId, taskIds: [this.#taskId] }));
      for (;;) {
        this.#asked = `T${this.acknowledged}`;
        await this.#ok(api.patch(`/api/tasks/${this.#taskId}`, { title: this.#asked }));
        this.#title = this.#asked;
        this.#entries.asked += 1;
        await this.#ok(
          api.post(
            `/api/sessions/${this.#sessionId}/timeline`,
            { message: 'm' },
            { prefer: 'return=minimal' },
          ),
        );
        this.#entries.answered = this.#entries.asked;
      }
    } catch (error) {
      // fetch tells every lost connection by a TypeError.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** @throws when something that was answered is not there. */
  async check(api: Api): Promise<void> {
    if (this.#taskId !== undefined) {
      const { status, body } = await api.get(`/api/tasks/${this.#taskId}`);
      expect(status, 'an acknowledged task').toBe(200);
      expect([this.#title, this.#asked], 'an acknowledged title').toContain(body.title);
      this.#title = body.title;
    }
    if (this.#sessionId !== undefined) {
      const { status, body } = await api.get(`/api/sessions/${this.#sessionId}`);
      expect(status, 'an acknowledged session').toBe(200);
      const written = body.timeline.filter(({ message }: { message: string }) => message === 'm').length;
      expect(written, 'acknowledged entries').toBeGreaterThanOrEqual(this.#entries.answered);
      expect(written, 'entries that were asked for').toBeLessThanOrEqual(this.#entries.asked);
      this.#entries = { answered: written, asked: written };
    }
  }

  async #made(request: ReturnType<Api['post']>): Promise<string> {
    return (await this.#ok(request)).id;
  }

  async #ok(request: ReturnType<Api['post']>): Promise<any> {
    const { status, body } = await request;
    expect([200, 201], JSON.stringify(body)).toContain(status);
    this.acknowledged += 1;
    return body;
  }
}

it(
  `loses nothing that was acknowledged in ${KILLS} kills, and a watcher hears every fact once and in order`,
  async () => {
    const folder = temporaryFolder();
    const clients = Array.from({ length: CONNECTIONS }, () => new Client());
    const heard: number[] = [];
    let projectId: string | undefined;
    for (let kill = 0; kill <= KILLS; kill += 1) {
      const { api, kill: end } = await startProcess({}, folder);
      const last = heard.at(-1) ?? 0;
      expect((await api.get('/health')).body.seq, 'seq never goes back').toBeGreaterThanOrEqual(last);
      const watch = await Watch.open(api.url, `?topics=all&since=${last}`);
      projectId ??= await api.project();
      for (const client of clients) await client.check(api);
      if (kill < KILLS) {
        const under = clients.map((client) => client.work(api, projectId ?? ''));
        await delay(ROUND_MS.least + Math.random() * ROUND_MS.more);
        await end();
        await Promise.all(under);
        await expect.poll(() => watch.closeCode, { timeout: 10_000 }).not.toBeNull();
      } else {
        const { seq } = (await api.get('/health')).body;
        await watch.until(() => watch.heard.at(-1)?.seq === seq);
      }
      heard.push(...watch.heard.map(({ seq }) => seq));
    }
    expect(heard.length).toBeGreaterThan(KILLS * CONNECTIONS);
    expect(heard).toEqual(heard.map((_seq, index) => (heard[0] ?? 0) + index));
    expect(existsSync(join(folder, 'data/quarantine'))).toBe(false);
    const acknowledged = clients.reduce((sum, client) => sum + client.acknowledged, 0);
    console.log(`${KILLS} kills, ${acknowledged} acknowledged changes, ${heard.length} facts`);
  },
  LIMIT_MS,
);
