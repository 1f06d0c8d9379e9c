// One WebSocket client. One that does not read is not waited for: past 1 MiB unsent, whole entities that nobody has
// read yet give way to their newer form; past 16 MiB the client is closed, and can come back with `since`.
import { WebSocket } from 'ws';
import { replaceableKey, topicOf, type Envelope, type Topic, type View } from './envelope.ts';

const CONFLATE_BYTES = 1024 * 1024;
const CLOSE_BYTES = 16 * 1024 * 1024;
const TRY_AGAIN_LATER = 1013;

export interface Wishes {
  view: View;
  topics: ReadonlySet<Topic>;
  projectId: string | null;
}

export class Watcher {
  readonly socket: WebSocket;
  readonly #wishes: Wishes;
  /** Facts up to this one were sent, or are not this client's. */
  #seen: number;
  /** What waits until the client reads again, by key: entities under theirs, all else under its number. */
  readonly #waiting = new Map<string, string>();
  #waitingBytes = 0;
  isAlive = true;

  constructor(socket: WebSocket, wishes: Wishes, seen: number) {
    this.socket = socket;
    this.#wishes = wishes;
    this.#seen = seen;
  }

  /** Whether the client does not read as fast as it is told. */
  get isBehind(): boolean {
    return this.#waiting.size > 0 || this.socket.bufferedAmount > CONFLATE_BYTES;
  }

  get view(): View {
    return this.#wishes.view;
  }

  /**
   * Sends a fact, if it is one that this client wants and has not had.
   * @param givesWay whether a newer fact of the same entity follows at once: a client that is behind needs that alone.
   */
  tell(envelope: Envelope, givesWay = false): void {
    const { fact, record } = envelope.told;
    if (fact.seq <= this.#seen) return;
    this.#seen = fact.seq;
    if (!this.#wants(envelope) || (givesWay && this.isBehind)) return;
    const isEntity = fact.data === undefined && !fact.type.endsWith(':deleted');
    if ((isEntity || fact.type === 'session:spawn') && record === null) return;
    const { view } = this.#wishes;
    this.#send(envelope.text(view), replaceableKey(fact, view) ?? String(fact.seq));
  }

  /** Tells the client to read anew over REST: what it missed is not held any more. */
  resync(seq: number): void {
    this.#seen = seq;
    this.#send(JSON.stringify({ type: 'resync', seq }), 'resync');
  }

  /** Answers a sign of life; one who only asks and does not read gets no more answers than he reads. */
  answer(text: string): void {
    if (!this.isBehind) this.socket.send(text, () => this.#goOn());
  }

  /** The same for a ping of the protocol. */
  pong(data: Buffer): void {
    if (!this.isBehind) this.socket.pong(data, false, () => this.#goOn());
  }

  #wants({ told: { fact } }: Envelope): boolean {
    const { topics, projectId } = this.#wishes;
    if (!topics.has(topicOf(fact))) return false;
    return projectId === null || fact.projectId === null || fact.projectId === projectId;
  }

  #send(text: string, key: string): void {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    if (!this.isBehind) {
      this.socket.send(text, () => this.#goOn());
      return;
    }
    this.#waitingBytes += text.length - (this.#waiting.get(key)?.length ?? 0);
    // The newest goes to the end of the line, so that numbers grow.
    this.#waiting.delete(key);
    this.#waiting.set(key, text);
    if (this.#waitingBytes + this.socket.bufferedAmount <= CLOSE_BYTES) return;
    this.#waiting.clear();
    // The closing frame stands behind what is unsent; ws cuts a client that does not answer it within 30 s.
    this.socket.close(TRY_AGAIN_LATER, 'too far behind; come back with since');
  }

  /** Called when a message has left for the kernel: the client reads. */
  #goOn(): void {
    for (const [key, text] of this.#waiting) {
      if (this.socket.bufferedAmount > CONFLATE_BYTES || this.socket.readyState !== WebSocket.OPEN) return;
      this.#waiting.delete(key);
      this.#waitingBytes -= text.length;
      this.socket.send(text, () => this.#goOn());
    }
  }
}
