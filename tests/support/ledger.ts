// Clients who keep a ledger of what they asked for and what was answered, and hold the server to it: what was
// acknowledged is there, what was refused is not, and what had no answer is there as a whole or not at all.
import { expect } from 'vitest';
import type { Answer, Api } from './api.ts';

const minimal = { prefer: 'return=minimal' };

/** One client: he is alone in changing his task and his session. */
export class Ledger {
  acknowledged = 0;
  refused = 0;
  #taskId: string | undefined;
  #sessionId: string | undefined;
  #title = 'T';
  /** The title that had no answer yet. */
  #open: string | null = null;
  /** Entries on the timeline: answered, and those that may be there too. */
  #entries = 0;
  #openEntries = 0;

  /** Changes things until `isOver`, or until the server is gone. A refusal with 503 is noted, and he goes on. */
  async work(api: Api, projectId: string, isOver: () => boolean = () => false): Promise<void> {
    try {
      while (!isOver()) await this.#step(api, projectId);
    } catch (error) {
      // fetch tells every lost connection by a TypeError.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** @throws when something is not as it was answered. */
  async check(api: Api): Promise<void> {
    if (this.#taskId !== undefined) {
      const { status, body } = await api.get(`/api/tasks/${this.#taskId}`);
      expect(status, 'an acknowledged task').toBe(200);
      expect([this.#title, this.#open ?? this.#title], 'an acknowledged title').toContain(body.title);
      this.#title = body.title;
      this.#open = null;
    }
    if (this.#sessionId !== undefined) {
      const { status, body } = await api.get(`/api/sessions/${this.#sessionId}`);
      expect(status, 'an acknowledged session').toBe(200);
      const written = body.timeline.filter(({ message }: { message: string }) => message === 'm').length;
      expect(written, 'acknowledged entries').toBeGreaterThanOrEqual(this.#entries);
      expect(written, 'entries that were not refused').toBeLessThanOrEqual(this.#entries + this.#openEntries);
      this.#entries = written;
      this.#openEntries = 0;
    }
  }

  async #step(api: Api, projectId: string): Promise<void> {
    if (this.#taskId === undefined)
      this.#taskId = (await this.#asked(api.post('/api/tasks', { projectId, title: this.#title })))?.id;
    if (this.#taskId === undefined) return;
    const session = { projectId, taskIds: [this.#taskId] };
    this.#sessionId ??= (await this.#asked(api.post('/api/sessions', session)))?.id;
    if (this.#sessionId === undefined) return;

    this.#open = `T${this.acknowledged + this.refused}`;
    const patched = await this.#asked(api.patch(`/api/tasks/${this.#taskId}`, { title: this.#open }));
    if (patched) this.#title = this.#open;
    this.#open = null;

    this.#openEntries += 1;
    const entry = { message: 'm' };
    const appended = await this.#asked(api.post(`/api/sessions/${this.#sessionId}/timeline`, entry, minimal));
    if (appended) this.#entries += 1;
    this.#openEntries -= 1;
  }

  /** The answer's body; undefined when it was refused. */
  async #asked(request: Promise<Answer>): Promise<any> {
    const { status, body, headers } = await request;
    if (status === 503) {
      expect(['STORAGE_UNAVAILABLE', 'OVERLOADED']).toContain(body.code);
      expect(headers.get('retry-after'), 'when to ask again').not.toBeNull();
      this.refused += 1;
      return undefined;
    }
    expect([200, 201], JSON.stringify(body)).toContain(status);
    this.acknowledged += 1;
    return body;
  }
}

/** The sums over several ledgers, for a test to print or to compare. */
export const sumOf = (ledgers: Ledger[]): { acknowledged: number; refused: number } => ({
  acknowledged: ledgers.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
  refused: ledgers.reduce((sum, { refused }) => sum + refused, 0),
});
