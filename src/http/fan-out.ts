// Facts to watchers. What watchers with the same subscription get is made once, and written to each at once.
// F1. Facts reach each watcher in the order in which they were published.
// F2. Many watchers or many facts do not keep the event loop: delivery goes in slices.
// F3. A fact that nobody subscribed to costs nothing for each watcher.
import type { Message } from './backlog.ts';
import { replaceableKey, type Envelope } from './envelope.ts';
import type { Subscription } from './subscription.ts';
import { TimeSlices } from './time-slices.ts';
import type { Item, Portion, Watcher } from './watcher.ts';

/** Facts that are small go together in one write of about this size; a larger one goes alone. */
const PORTION_BYTES = 64 * 1024;
/** With so many facts waiting for their delivery the event loop waits: watchers then slow down what they watch. */
const OUTBOX_FACTS = 256;

interface Group {
  subscription: Subscription;
  watchers: Set<Watcher>;
}

export class FanOut {
  readonly #groups = new Map<string, Group>();
  readonly #slices = new TimeSlices();
  #outbox: Envelope[] = [];
  #delivery: Iterator<void> | null = null;
  #size = 0;

  /** How many watchers there are. */
  get size(): number {
    return this.#size;
  }

  *watchers(): Generator<Watcher> {
    for (const { watchers } of this.#groups.values()) yield* watchers;
  }

  add(watcher: Watcher): void {
    const { subscription } = watcher;
    const group = this.#groups.get(subscription.key) ?? { subscription, watchers: new Set() };
    this.#groups.set(subscription.key, group);
    group.watchers.add(watcher);
    this.#size += 1;
  }

  remove(watcher: Watcher): void {
    const group = this.#groups.get(watcher.subscription.key);
    if (!group?.watchers.delete(watcher)) return;
    this.#size -= 1;
    if (group.watchers.size === 0) this.#groups.delete(watcher.subscription.key);
  }

  /** Delivers facts a moment later, behind those that were published before. */
  publish(envelopes: Envelope[]): void {
    for (const envelope of envelopes) this.#outbox.push(envelope);
    if (this.#delivery) return;
    this.#delivery = this.#deliver();
    this.#slices.add(() => this.#step());
  }

  /** Delivers at once what was published. */
  finish(): void {
    while (this.#step());
  }

  #step(): boolean {
    while (this.#delivery) {
      if (this.#delivery.next().done === true) this.#delivery = null;
      else if (this.#outbox.length < OUTBOX_FACTS) return true;
    }
    return false;
  }

  /** Everything that was published, also while it runs; a short step at a time. */
  *#deliver(): Generator<void> {
    while (this.#outbox.length > 0) {
      const envelopes = this.#outbox;
      this.#outbox = [];
      // Watchers that come meanwhile were told of these facts when they came.
      for (const { subscription, watchers } of [...this.#groups.values()]) {
        for (const portion of portionsFor(subscription, envelopes))
          for (const watcher of watchers) {
            watcher.deliver(portion);
            yield;
          }
        yield;
      }
    }
  }
}

function* portionsFor(subscription: Subscription, envelopes: Envelope[]): Generator<Portion> {
  let items: Item[] = [];
  let bytes = 0;
  for (const envelope of envelopes) {
    if (!subscription.wants(envelope.told)) continue;
    const { fact } = envelope.told;
    const { view } = subscription;
    const item = { seq: fact.seq, message: envelope.message(view), key: replaceableKey(fact, view) };
    const { length } = item.message.bytes;
    if (items.length > 0 && bytes + length > PORTION_BYTES) {
      yield portionOf(items);
      items = [];
      bytes = 0;
    }
    items.push(item);
    bytes += length;
  }
  if (items.length > 0) yield portionOf(items);
}

function portionOf(items: Item[]): Portion {
  const [first] = items;
  const whole: Message =
    first && items.length === 1
      ? first.message
      : { bytes: Buffer.concat(items.map(({ message }) => message.bytes)), holders: 0 };
  return { items, whole };
}
