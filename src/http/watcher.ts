// One WebSocket client. One that does not read is not waited for: past 1 MiB unsent, whole entities that nobody has
// read yet give way to their newer form; past 16 MiB the client is closed, and can come back with `since`.
import { WebSocket } from 'ws';
import type { Backlog, Message } from './backlog.ts';
import { replaceableKey, topicOf, type Envelope, type Topic, type View } from './envelope.ts';

const CONFLATE_BYTES = 1024 * 1024;
const CLOSE_BYTES = 16 * 1024 * 1024;
/** What waits goes on into the socket in portions of this size: there it can not give way to what is newer. */
const PORTION_BYTES = 64 * 1024;
/** So many answers to signs of life wait in a socket; a frame of a few bytes costs a hundred times that. */
const SIGNS = 256;
const TRY_AGAIN_LATER = 1013;

export interface Wishes {
  view: View;
  topics: ReadonlySet<Topic>;
  projectId: string | null;
}

export interface Missed {
  envelope: Envelope;
  /** Whether a newer fact of the same entity follows: a client that is behind needs that alone. */
  isOutdone: boolean;
}

export class Watcher {
  readonly socket: WebSocket;
  readonly #wishes: Wishes;
  /** Facts up to this one were sent, or are not this client's. */
  #seen: number;
  /** What waits until the client reads again, by key: entities under theirs, all else under its number. */
  readonly #waiting = new Map<string, Message>();
  #waitingBytes = 0;
  /** What the socket has taken and the kernel has not. */
  readonly #sending = new Set<Message>();
  #sendingBytes = 0;
  /** What it missed before it came and was not sent yet; it goes before what waits. */
  #missed: Iterator<Missed> | null = null;
  #replayedBytes = 0;
  /** Answers to signs of life in the socket. */
  #signs = 0;
  readonly #backlog: Backlog;
  isAlive = true;

  /** @param backlog shared by all watchers */
  constructor(socket: WebSocket, wishes: Wishes, seen: number, backlog: Backlog) {
    this.#backlog = backlog;
    this.socket = socket;
    this.#wishes = wishes;
    this.#seen = seen;
  }

  /** Facts that were told and not read, but for what the kernel has taken. */
  get unreadBytes(): number {
    return this.#waitingBytes + this.#sendingBytes;
  }

  /** Whether facts wait until it reads; else all that is unread is in its socket. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  get view(): View {
    return this.#wishes.view;
  }

  /** Sends a fact, if it is one that this client wants and has not had. */
  tell(envelope: Envelope): void {
    const { seq } = envelope.told.fact;
    if (seq <= this.#seen) return;
    this.#seen = seq;
    if (!this.#isFor(envelope)) return;
    const message = envelope.message(this.view);
    if (this.#isBehind) this.#wait(message, envelope);
    else this.#send(message);
  }

  /** Sends what was missed as the client reads; nothing of it is made before. It must end at what counts as seen. */
  replay(missed: Iterator<Missed>): void {
    this.#missed = missed;
    this.#goOn();
  }

  /** Tells the client to read anew over REST: what it missed is not held any more. */
  resync(seq: number): void {
    this.#seen = seq;
    this.#say(JSON.stringify({ type: 'resync', seq }));
  }

  /** Answers a sign of life; one who only asks and does not read gets no more answers than he reads. */
  answer(text: string): void {
    this.#sign((sent) => this.socket.send(text, sent));
  }

  /** The same for a ping of the protocol. */
  pong(data: Buffer): void {
    this.#sign((sent) => this.socket.pong(data, false, sent));
  }

  #sign(send: (sent: () => void) => void): void {
    if (this.#signs >= SIGNS) return;
    this.#signs += 1;
    send(() => {
      this.#signs -= 1;
      this.#goOn();
    });
  }

  /** Whether a fact is of what this client asked for, and of an entity that is still there. */
  #isFor({ told: { fact, record } }: Envelope): boolean {
    const { topics, projectId } = this.#wishes;
    if (!topics.has(topicOf(fact))) return false;
    if (fact.audience !== undefined && fact.audience !== this.view) return false;
    if (projectId !== null && fact.projectId !== null && fact.projectId !== projectId) return false;
    const isEntity = fact.data === undefined && !fact.type.endsWith(':deleted');
    return record !== null || !(isEntity || fact.type === 'session:spawn');
  }

  /** Whether the client does not read as fast as it is told. */
  get #isBehind(): boolean {
    return this.#missed !== null || this.isWaiting || this.socket.bufferedAmount > CONFLATE_BYTES;
  }

  get #unsentBytes(): number {
    return this.#waitingBytes + this.socket.bufferedAmount;
  }

  #say(text: string): void {
    this.socket.send(text, () => this.#goOn());
  }

  #send(message: Message): void {
    this.#sending.add(message);
    this.#sendingBytes += message.bytes.length;
    this.#backlog.hold(message);
    this.socket.send(message.bytes, { binary: false }, () => {
      this.#release(message);
      this.#goOn();
    });
  }

  #release(message: Message): void {
    if (!this.#sending.delete(message)) return;
    this.#sendingBytes -= message.bytes.length;
    this.#backlog.release(message);
  }

  #wait(message: Message, { told: { fact } }: Envelope): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    const replaceable = this.#unsentBytes > CONFLATE_BYTES ? replaceableKey(fact, this.view) : null;
    const key = replaceable ?? String(fact.seq);
    // The newest goes to the end of the line, so that numbers grow.
    this.#drop(key);
    this.#waiting.set(key, message);
    this.#waitingBytes += message.bytes.length;
    this.#backlog.hold(message);
    if (this.#unsentBytes > CLOSE_BYTES) this.giveUp();
  }

  /** Closes a client that is too far behind; it can come back with `since`. */
  giveUp(): void {
    this.#letGo();
    // The closing frame stands behind what is unsent; ws cuts a client that does not answer it within 30 s.
    this.socket.close(TRY_AGAIN_LATER, 'too far behind; come back with since');
  }

  /** Cuts a client that will not read what its socket holds either. */
  cut(): void {
    this.forget();
    this.socket.terminate();
  }

  /** Lets go of all that it has not read. */
  forget(): void {
    this.#letGo();
    for (const message of this.#sending) this.#release(message);
  }

  #letGo(): void {
    this.#missed = null;
    for (const key of [...this.#waiting.keys()]) this.#drop(key);
  }

  #drop(key: string): void {
    const message = this.#waiting.get(key);
    if (!message) return;
    this.#waiting.delete(key);
    this.#waitingBytes -= message.bytes.length;
    this.#backlog.release(message);
  }

  /** Called when a message has left for the kernel: the client reads. */
  #goOn(): void {
    while (this.socket.bufferedAmount <= PORTION_BYTES && this.socket.readyState === WebSocket.OPEN) {
      const message = this.#nextMissed() ?? this.#nextWaiting();
      if (message === null) return;
      this.#send(message);
    }
  }

  #nextMissed(): Message | null {
    while (this.#missed) {
      const next = this.#missed.next();
      if (next.done === true) break;
      const { envelope, isOutdone } = next.value;
      if (!this.#isFor(envelope) || (isOutdone && this.#replayedBytes > CONFLATE_BYTES)) continue;
      const message = envelope.message(this.view);
      this.#replayedBytes += message.bytes.length;
      return message;
    }
    this.#missed = null;
    return null;
  }

  #nextWaiting(): Message | null {
    for (const [key, message] of this.#waiting) {
      this.#drop(key);
      return message;
    }
    return null;
  }
}
