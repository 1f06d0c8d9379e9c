// One WebSocket client. One that does not read is not waited for: past 1 MiB unsent, whole entities that nobody has
// read yet give way to their newer form; past 16 MiB the client is closed, and can come back with `since`.
//
// Facts are written to the connection itself, past ws, as frames that are ready: only what is addressed to one client
// (pongs, pings, the closing frame) goes through ws. Both write at once and nothing is compressed, so that the order of
// calls is the order on the wire; behind a closing frame nothing is written, as ws is not OPEN then.
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Backlog, Message } from './backlog.ts';
import { resyncText, type Envelope } from './envelope.ts';
import type { Subscription } from './subscription.ts';
import type { TimeSlices } from './time-slices.ts';

const CONFLATE_BYTES = 1024 * 1024;
const CLOSE_BYTES = 16 * 1024 * 1024;
/** What waits goes on into the socket in portions of this size: there it can not give way to what is newer. */
const PORTION_BYTES = 64 * 1024;
/** So many answers to signs of life wait in a socket; a frame of a few bytes costs a hundred times that. */
const SIGNS = 256;
const TRY_AGAIN_LATER = 1013;

/** A fact for the watchers of one subscription. */
export interface Item {
  seq: number;
  message: Message;
  /** Newer facts under the same key make it superfluous for a client that is behind; null: it must arrive. */
  key: string | null;
}

/** Facts in order, and all of them in one piece. */
export interface Portion {
  items: Item[];
  whole: Message;
}

export interface Missed {
  envelope: Envelope;
  /** Whether a newer fact of the same entity follows: a client that is behind needs that alone. */
  isOutdone: boolean;
}

/** A message in the socket, and the number of its write. */
interface Sending {
  message: Message;
  write: number;
}

export interface WatcherOptions {
  socket: WebSocket;
  /** The connection under the socket. */
  connection: Duplex;
  subscription: Subscription;
  /** Facts up to this one were sent, or are not this client's. */
  seen: number;
  /** Shared by all watchers. */
  backlog: Backlog;
  /** In which what waits is sent; shared by all watchers. */
  slices: TimeSlices;
}

export class Watcher {
  readonly socket: WebSocket;
  readonly subscription: Subscription;
  readonly #connection: Duplex;
  #seen: number;
  /** What waits until the client reads again, by key: entities under theirs, all else under its number. */
  readonly #waiting = new Map<string, Message>();
  #waitingBytes = 0;
  /** What the socket has taken and the kernel has not, in order. */
  #sending: Sending[] = [];
  #sendingBytes = 0;
  /** Writes of facts, and how many of them the kernel has taken, which it does in order. */
  #writes = 0;
  #written = 0;
  /** What it missed before it came and was not sent yet; it goes before what waits. */
  #missed: Iterator<Missed> | null = null;
  #replayedBytes = 0;
  /** Answers to signs of life in the socket. */
  #signs = 0;
  readonly #backlog: Backlog;
  readonly #slices: TimeSlices;
  /** Whether the slices have what waits in their queue. */
  #isGoingOn = false;
  isAlive = true;

  constructor({ socket, connection, subscription, seen, backlog, slices }: WatcherOptions) {
    this.socket = socket;
    this.#connection = connection;
    this.subscription = subscription;
    this.#seen = seen;
    this.#backlog = backlog;
    this.#slices = slices;
  }

  /** Facts that were told and not read, but for what the kernel has taken. */
  get unreadBytes(): number {
    return this.#waitingBytes + this.#sendingBytes;
  }

  /** Whether facts wait until it reads; else all that is unread is in its socket. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Sends facts of its subscription, but for those that it has had. */
  deliver({ items, whole }: Portion): void {
    const isNew = items[0] !== undefined && items[0].seq > this.#seen;
    if (isNew && !this.#isBehind) {
      this.#send(whole);
      return;
    }
    for (const item of items) {
      if (item.seq <= this.#seen) continue;
      if (this.#isBehind) this.#wait(item);
      else this.#send(item.message);
    }
  }

  /** Sends what was missed as the client reads; nothing of it is made before. It must end at what counts as seen. */
  replay(missed: Iterator<Missed>): void {
    this.#missed = missed;
    this.#goOn();
  }

  /** Tells the client to read anew over REST: what it missed is not held any more. */
  resync(seq: number): void {
    this.#seen = seq;
    this.socket.send(resyncText(seq));
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

  /** Whether the client does not read as fast as it is told. */
  get #isBehind(): boolean {
    return this.#missed !== null || this.isWaiting || this.socket.bufferedAmount > CONFLATE_BYTES;
  }

  get #unsentBytes(): number {
    return this.#waitingBytes + this.socket.bufferedAmount;
  }

  #send(message: Message): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.#writes += 1;
    this.#connection.write(message.bytes, this.#onWritten);
    // As a rule the kernel has taken it by now.
    if (this.#connection.writableLength === 0) return;
    this.#sending.push({ message, write: this.#writes });
    this.#sendingBytes += message.bytes.length;
    this.#backlog.hold(message);
  }

  /** Called for each write, in order: the kernel has taken it. */
  readonly #onWritten = (): void => {
    this.#written += 1;
    while (this.#sending[0] && this.#sending[0].write <= this.#written) this.#release(this.#sending.shift());
    this.#goOn();
  };

  #release(sending: Sending | undefined): void {
    if (!sending) return;
    this.#sendingBytes -= sending.message.bytes.length;
    this.#backlog.release(sending.message);
  }

  #wait({ message, seq, key: replaceableKey }: Item): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    const replaceable = this.#unsentBytes > CONFLATE_BYTES ? replaceableKey : null;
    const key = replaceable ?? String(seq);
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
    for (const sending of this.#sending.splice(0)) this.#release(sending);
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

  /** Called when something has left for the kernel: the client reads. */
  #goOn(): void {
    if (this.#isGoingOn || !this.#mayGoOn) return;
    this.#isGoingOn = true;
    this.#slices.add(() => (this.#isGoingOn = this.#sendPortion()));
  }

  get #mayGoOn(): boolean {
    if (this.#missed === null && !this.isWaiting) return false;
    return this.socket.bufferedAmount <= PORTION_BYTES && this.socket.readyState === WebSocket.OPEN;
  }

  /** Sends some of what waits. @returns whether more of it can be sent */
  #sendPortion(): boolean {
    this.#connection.cork();
    while (this.#mayGoOn) {
      const message = this.#nextMissed() ?? this.#nextWaiting();
      if (message !== null) this.#send(message);
    }
    this.#connection.uncork();
    return this.#mayGoOn;
  }

  #nextMissed(): Message | null {
    while (this.#missed) {
      const next = this.#missed.next();
      if (next.done === true) break;
      const { envelope, isOutdone } = next.value;
      if (!this.subscription.wants(envelope.told) || (isOutdone && this.#replayedBytes > CONFLATE_BYTES))
        continue;
      const message = envelope.message(this.subscription.view);
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
