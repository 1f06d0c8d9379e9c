// Idempotency-Key: a POST that is repeated gets the first answer again. The answer to a command that changed something is
// kept in the same commit as the change, so that no crash can separate the two. The answer to one that changed nothing
// (a refusal, an empty queue) is remembered in memory only: done again it changes nothing either, so it costs no disk.
import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Answer } from '../domain/answer.ts';
import { invalid, MaestroError } from '../domain/errors.ts';
import type { Keep, Records } from '../records/records.ts';
import { callerOf } from './caller.ts';
import { errorBody, statusOf } from './errors.ts';
import { FairShare, type Kept, type Limits } from './fair-share.ts';
import { bodyOf } from './input.ts';
import { sendText } from './reply.ts';

const LONGEST_KEY = 255;
/** A kept answer is given again for a day. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** More are not kept: the oldest go first. */
const KEPT: Limits = { places: 50_000, bytes: 32 * 1024 * 1024 };
/** Those over it go together, a hundredth of them at a time, so that few requests pay for the commit. */
const SURPLUS = 0.01;
/** Answers that are only remembered. */
const REMEMBERED: Limits = { places: 5_000, bytes: 2 * 1024 * 1024 };
/** What an answer holds beside its text: hashes, numbers, its places in maps. */
const OVERHEAD_BYTES = 300;

const keptOf = ({ text = '', caller = '', createdAt }: Answer): Kept => ({
  caller,
  bytes: Buffer.byteLength(text) + OVERHEAD_BYTES,
  createdAt,
});

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

/** A request with a key. */
interface Keyed {
  /** Of its answer: path and key. */
  id: string;
  bodyHash: string;
  caller: string;
}

export class Idempotency {
  readonly #records: Records;
  readonly #remake: Remake;
  readonly #running = new Map<string, Running>();
  /** The answers in the records, as far as they are committed. */
  readonly #kept: FairShare;
  readonly #remembered = new Map<string, Answer>();
  readonly #shareOfRemembered = new FairShare(REMEMBERED);
  #sweeping = false;

  constructor(records: Records, remake: Remake, limits: Partial<Limits> = {}) {
    this.#records = records;
    this.#remake = remake;
    this.#kept = new FairShare({ ...KEPT, ...limits });
    for (const answer of records.all('answer')) this.#kept.add(answer.id, keptOf(answer));
    records.onCommit(({ images }) => {
      for (const { kind, id } of images) {
        if (kind !== 'answer') continue;
        const answer = records.get('answer', id);
        if (answer) this.#kept.add(id, keptOf(answer));
        else this.#kept.remove(id);
      }
    });
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
    const keyed: Keyed = {
      id: hash(`${request.baseUrl}${request.path}\n${key}`),
      bodyHash: hash(JSON.stringify(bodyOf(request))),
      caller: callerOf(request),
    };
    const { status, text } = await this.#once(keyed, command);
    sendText(response, status, text);
    if (this.#kept.isOver(keyed.caller, SURPLUS)) await this.#sweepOnce();
  }

  async #once<T>(keyed: Keyed, command: Command<T>): Promise<Sent> {
    const { id, bodyHash } = keyed;
    for (let running = this.#running.get(id); running; running = this.#running.get(id)) {
      refuseOther(running.bodyHash, bodyHash);
      await running.done;
    }
    const sent = this.#answer(keyed, command);
    const over = (): void => undefined;
    this.#running.set(id, { bodyHash, done: sent.then(over, over) });
    try {
      return await sent;
    } finally {
      this.#running.delete(id);
    }
  }

  async #answer<T>(keyed: Keyed, command: Command<T>): Promise<Sent> {
    return (await this.#again(keyed)) ?? (await this.#first(keyed, command));
  }

  /** The first answer, if there is one that still stands. */
  async #again({ id, bodyHash }: Keyed): Promise<Sent | undefined> {
    const kept = this.#records.get('answer', id) ?? this.#remembered.get(id);
    if (!kept) return undefined;
    refuseOther(kept.bodyHash, bodyHash);
    const { status, text = '' } = kept;
    if (!kept.session) return { status, text };
    try {
      return { status, text: JSON.stringify(await this.#remake(kept.session)) };
    } catch (error) {
      if (!cameToNothing(error)) throw error;
      // Such answers are not kept: the spawn may be tried again.
      await this.#drop(id);
      return undefined;
    }
  }

  async #first<T>(keyed: Keyed, { act, reply }: Command<T>): Promise<Sent> {
    const made: { answer?: Answer; isKept: boolean } = { isKept: false };
    try {
      const value = await act((turn, first) => {
        made.answer = answerOf(keyed, turn.at, reply(first));
        made.isKept = turn.changed;
        if (made.isKept) turn.put('answer', made.answer);
      });
      const { answer, isKept } = made;
      if (answer && !isKept) this.#remember(answer);
      if (answer?.text !== undefined) return { status: answer.status, text: answer.text };
      const shown = reply(value);
      return { status: shown.status, text: jsonOf(shown) };
    } catch (error) {
      if (!(error instanceof MaestroError) || statusOf(error) >= 500) {
        if (cameToNothing(error)) await this.#drop(keyed.id);
        throw error;
      }
      const refused = answerOf(keyed, await this.#now(), { status: statusOf(error), body: errorBody(error) });
      await this.#drop(keyed.id);
      this.#remember(refused);
      return { status: refused.status, text: refused.text ?? '' };
    }
  }

  #remember(answer: Answer): void {
    const { id, caller = '' } = answer;
    this.#remembered.set(id, answer);
    this.#shareOfRemembered.add(id, keptOf(answer));
    if (this.#shareOfRemembered.isOver(caller)) this.#forget(answer.createdAt - KEPT_MS);
  }

  #forget(expiredAt: number): void {
    for (const id of this.#shareOfRemembered.surplus(expiredAt)) this.#remembered.delete(id);
  }

  async #drop(id: string): Promise<void> {
    this.#remembered.delete(id);
    this.#shareOfRemembered.remove(id);
    if (this.#records.get('answer', id)) await this.#records.turn((turn) => turn.drop('answer', id));
  }

  /** A turn that changes nothing: it costs no commit. */
  #now(): Promise<number> {
    return this.#records.turn((turn) => turn.at);
  }

  /** Lets answers go that are older than a day, or too many. */
  async sweep(): Promise<void> {
    let gone: string[] = [];
    try {
      await this.#records.turn((turn) => {
        this.#forget(turn.at - KEPT_MS);
        gone = this.#kept.surplus(turn.at - KEPT_MS);
        for (const id of gone) turn.drop('answer', id);
      });
    } catch (error) {
      // They are still there.
      for (const id of gone) {
        const answer = this.#records.get('answer', id);
        if (answer) this.#kept.add(id, keptOf(answer));
      }
      throw error;
    }
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

function answerOf({ id, bodyHash, caller }: Keyed, createdAt: number, reply: Reply): Answer {
  const { status, session } = reply;
  const shown = session ? { session } : { text: String(jsonOf(reply)) };
  return { id, bodyHash, status, createdAt, caller, ...shown };
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
