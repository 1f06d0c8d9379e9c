// Idempotency-Key: a POST that is repeated gets the first answer again. The answer is kept in the same commit as what
// the request did, so that no crash can separate the two.
import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Answer } from '../domain/answer.ts';
import { invalid, MaestroError } from '../domain/errors.ts';
import type { Keep, Records } from '../records/records.ts';
import type { Turn } from '../records/turn.ts';
import { errorBody, statusOf } from './errors.ts';
import { bodyOf } from './input.ts';
import { sendText } from './reply.ts';

const LONGEST_KEY = 255;
/** A kept answer is given again for a day. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** More than this many are not kept: the oldest go first. */
const KEPT_ANSWERS = 50_000;
/** Those over it go together, a hundredth of them at a time, so that few requests pay for the look. */
const SURPLUS = 0.01;

/** An answer, by its body or by that as JSON. With `session`, it shows a whole one and is made anew when it is given again. */
export type Reply = { status: number; session?: Answer['session'] } & (
  | { body: unknown }
  | { json: () => string | Buffer }
);

const jsonOf = (reply: Reply): string | Buffer =>
  'json' in reply ? reply.json() : JSON.stringify(reply.body);

export interface Command<T> {
  /** Does what was asked; `keep` goes into its first turn. */
  act: (keep: Keep<T>) => Promise<T>;
  reply: (value: T) => Reply;
}

/** Makes a kept answer's body anew from the session that it shows. @throws what became of it. */
export type Remake = (session: NonNullable<Answer['session']>) => Promise<unknown>;

/** What goes over the wire. */
interface Sent {
  status: number;
  text: string | Buffer;
}

interface Running {
  bodyHash: string;
  done: Promise<void>;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

export class Idempotency {
  readonly #records: Records;
  readonly #remake: Remake;
  readonly #most: number;
  readonly #running = new Map<string, Running>();
  #sweeping = false;

  constructor(records: Records, remake: Remake, most = KEPT_ANSWERS) {
    this.#records = records;
    this.#remake = remake;
    this.#most = most;
  }

  /** Runs a command and answers; with a key, at most once. */
  async perform<T>(request: Request, response: Response, command: Command<T>): Promise<void> {
    const key = request.method === 'POST' ? request.get('Idempotency-Key') : undefined;
    if (key === undefined) {
      const reply = command.reply(await command.act(() => undefined));
      sendText(response, reply.status, jsonOf(reply));
      return;
    }
    if (key.length < 1 || key.length > LONGEST_KEY)
      throw invalid('the Idempotency-Key is not valid', {
        'Idempotency-Key': `must have 1 to ${LONGEST_KEY} characters`,
      });
    const id = hash(`${request.baseUrl}${request.path}\n${key}`);
    const bodyHash = hash(JSON.stringify(bodyOf(request)));
    const { status, text } = await this.#once(id, bodyHash, command);
    sendText(response, status, text);
    if (this.#records.count('answer') > this.#most * (1 + SURPLUS)) await this.#sweepOnce();
  }

  async #once<T>(id: string, bodyHash: string, command: Command<T>): Promise<Sent> {
    for (let running = this.#running.get(id); running; running = this.#running.get(id)) {
      refuseOther(running.bodyHash, bodyHash);
      await running.done;
    }
    const sent = this.#answer(id, bodyHash, command);
    const over = (): void => undefined;
    this.#running.set(id, { bodyHash, done: sent.then(over, over) });
    try {
      return await sent;
    } finally {
      this.#running.delete(id);
    }
  }

  async #answer<T>(id: string, bodyHash: string, command: Command<T>): Promise<Sent> {
    return (await this.#again(id, bodyHash)) ?? (await this.#first(id, bodyHash, command));
  }

  /** The kept answer, if there is one that still stands. */
  async #again(id: string, bodyHash: string): Promise<Sent | undefined> {
    const kept = this.#records.get('answer', id);
    if (!kept) return undefined;
    refuseOther(kept.bodyHash, bodyHash);
    const { status, text = '' } = kept;
    if (!kept.session) return { status, text };
    try {
      return { status, text: JSON.stringify(await this.#remake(kept.session)) };
    } catch (error) {
      if (!cameToNothing(error)) throw error;
      // Such answers are not kept: the spawn may be tried again.
      await this.#records.turn((turn) => turn.drop('answer', id));
      return undefined;
    }
  }

  async #first<T>(id: string, bodyHash: string, { act, reply }: Command<T>): Promise<Sent> {
    const keep = (turn: Turn, status: number, what: Pick<Answer, 'text' | 'session'>): void =>
      turn.put('answer', { id, bodyHash, status, createdAt: turn.at, ...what });
    let kept: Sent | undefined;
    try {
      const value = await act((turn, made) => {
        const first = reply(made);
        const { status, session } = first;
        if (session) {
          keep(turn, status, { session });
          return;
        }
        const text = String(jsonOf(first));
        kept = { status, text };
        keep(turn, status, { text });
      });
      if (kept) return kept;
      const shown = reply(value);
      return { status: shown.status, text: jsonOf(shown) };
    } catch (error) {
      if (!(error instanceof MaestroError) || statusOf(error) >= 500) {
        if (cameToNothing(error) && this.#records.get('answer', id))
          await this.#records.turn((turn) => turn.drop('answer', id));
        throw error;
      }
      const refused = { status: statusOf(error), text: JSON.stringify(errorBody(error)) };
      await this.#records.turn((turn) => keep(turn, refused.status, { text: refused.text }));
      return refused;
    }
  }

  /** Lets answers go that are older than a day, or too many. */
  async sweep(): Promise<void> {
    const answers = this.#records.all('answer').toSorted((a, b) => a.createdAt - b.createdAt);
    await this.#records.turn((turn) => {
      const surplus = answers.length - this.#most;
      answers.forEach(({ id, createdAt }, index) => {
        if (createdAt < turn.at - KEPT_MS || index < surplus) turn.drop('answer', id);
      });
    });
  }

  /** What a full disk refuses here is swept with one of the next answers. */
  async #sweepOnce(): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    await this.sweep()
      .catch(() => undefined)
      .finally(() => (this.#sweeping = false));
  }
}

/**
 * Whether what was asked for failed after it was ordered. Not when the server stopped waiting for it (503): then it is
 * still under way, and the answer that was kept with the order is made when it is asked for again.
 */
const cameToNothing = (error: unknown): boolean =>
  !(error instanceof MaestroError) || statusOf(error) === 500;

function refuseOther(keptHash: string, bodyHash: string): void {
  if (keptHash === bodyHash) return;
  throw new MaestroError(
    'CONFLICT',
    'this Idempotency-Key was used for another body; take a new key for a new request',
  );
}
