// Keeps what is shown as the server has it: reads it on connecting, and then hears what changes.
// F1. It counts as live only while the connection stands and all has been read on it.
//     A server that is there and answers nothing is asked now and then: its silence is not taken for peace.
// F2. What is heard while it is read waits, up to a bound; past that it is read anew.
import { setTimeout as delay } from 'node:timers/promises';
import pMap from 'p-map';
import { z } from 'zod';
import { asError } from '../../domain/errors.ts';
import type { Client } from '../client.ts';
import { listen, type Message } from '../connection.ts';
import type { Credentials } from '../credentials.ts';
import { CliError, exitCodes } from '../errors.ts';
import { pathOf, summariesPath } from '../paths.ts';
import { rowOf, Summary, type SessionRow } from './session-row.ts';
import { failedShownMs, QueueRead, type Item, type Read, type Standing } from './standing.ts';
import { StateRead, Story, TimelineRead } from './story.ts';

/** How it stands with the server. */
export type Link =
  | { state: 'connecting' }
  | { state: 'live' }
  /** `at`: since when, Unix milliseconds. */
  | { state: 'lost'; at: number; why: string };

const mostWaiting = 10_000;
const concurrency = 4;
const againMs = 1_000;
const askMs = 2_000;

const Titled = z.looseObject({ title: z.string() });

/** Where it is read from. */
export interface Source {
  url: string;
  credentials: Credentials;
  projectId: string | undefined;
  client: Client;
}

export class Feed {
  readonly #source: Source;
  readonly #standing: Standing;
  /** Called when there is something new to show. */
  readonly #changed: () => void;
  link: Link = { state: 'connecting' };
  story: Story | null = null;
  /** What was heard while all is being read; null when it is read. */
  #waiting: Message[] | null = [];
  /** Counts readings: an older one that comes late is of no use. */
  #reading = 0;
  #stateReading = 0;
  #isOpen = false;
  /** Connected, but it does not answer. */
  #isSilent = false;
  readonly #asking = new Set<string>();

  constructor(source: Source, standing: Standing, changed: () => void) {
    this.#source = source;
    this.#standing = standing;
    this.#changed = changed;
  }

  /** @throws CliError when the server refuses us for good */
  run(signal: AbortSignal): Promise<void> {
    const { url, credentials, projectId } = this.#source;
    void this.#watchOver(signal);
    return listen(
      { url, credentials, projectId, topics: 'queue' },
      {
        opened: () => {
          this.#isOpen = true;
          this.#isSilent = false;
          void this.#read(signal);
        },
        heard: (message) => this.#hear(message, signal),
        lost: (why) => {
          this.#isOpen = false;
          this.#reading += 1;
          this.#lose(why);
        },
      },
      signal,
    );
  }

  open(row: SessionRow): void {
    this.story = new Story(row);
    void this.#readStory(this.story);
    void this.#readTitles();
  }

  close(): void {
    this.story = null;
  }

  async #read(signal: AbortSignal): Promise<void> {
    const reading = ++this.#reading;
    const isLate = () => signal.aborted || reading !== this.#reading;
    this.#waiting = [];
    while (!isLate()) {
      try {
        const read = await this.#readAll();
        if (isLate()) return;
        this.#standing.replace(read);
        const waiting = this.#waiting ?? [];
        this.#waiting = null;
        this.link = { state: 'live' };
        for (const message of waiting) this.#hear(message, signal);
        if (this.story) void this.#readStory(this.story);
        this.#told();
        return;
      } catch (thrown) {
        if (isLate()) return;
        this.#lose(asError(thrown).message);
        await delay(againMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #hear(message: Message, signal: AbortSignal): void {
    if (message.type === 'resync') {
      this.link = { state: 'connecting' };
      void this.#read(signal);
      return;
    }
    if (this.#waiting) {
      if (this.#waiting.length < mostWaiting) this.#waiting.push(message);
      else void this.#read(signal);
      return;
    }
    const isUnknown = this.#standing.hear(message);
    if (this.story?.hear(message) === true)
      void (this.story.isIncomplete ? this.#readStory(this.story) : this.#readState(this.story));
    if (isUnknown) void this.#read(signal);
    else this.#told();
  }

  #lose(why: string): void {
    this.link = { state: 'lost', at: this.link.state === 'lost' ? this.link.at : Date.now(), why };
    this.#changed();
  }

  #told(): void {
    if (this.story) this.story.row = this.#standing.row(this.story.id) ?? this.story.row;
    this.#changed();
    void this.#readTitles();
  }

  async #watchOver(signal: AbortSignal): Promise<void> {
    const isOver = () => signal.aborted;
    const isOff = () => isOver() || !this.#isOpen || (this.link.state !== 'live' && !this.#isSilent);
    while (!isOver()) {
      await delay(askMs, undefined, { signal }).catch(() => undefined);
      if (isOff()) continue;
      const isSilent = await this.#isSilentNow();
      if (isOff()) continue;
      const wasSilent = this.#isSilent;
      this.#isSilent = isSilent;
      if (isSilent) this.#lose('it does not answer');
      else if (wasSilent) void this.#read(signal);
    }
  }

  /** Any answer is one. */
  async #isSilentNow(): Promise<boolean> {
    try {
      await this.#source.client.get('/health', z.unknown());
      return false;
    } catch (thrown) {
      return thrown instanceof CliError && thrown.exitCode === exitCodes.noConnection;
    }
  }

  async #readAll(): Promise<Read> {
    const { client, projectId } = this.#source;
    const list = (filter: Record<string, string>) =>
      client.get(summariesPath({ projectId, ...filter }), z.array(Summary));
    const live = (await list({ active: 'true' })).map(rowOf);
    const failed = (await list({ status: 'failed' })).map(rowOf);
    const rows = [...live, ...failed.filter(({ since }) => Date.now() - since <= failedShownMs)];
    const queues = await pMap(
      rows.filter(({ strategy }) => strategy === 'queue'),
      (row) => this.#queue(row),
      {
        concurrency,
      },
    );
    return { rows, queues: new Map(queues.flat()) };
  }

  async #queue({ id }: SessionRow): Promise<[string, readonly Item[]][]> {
    const path = pathOf('session', id, 'queue', 'items');
    const read = await unlessGone(this.#source.client.get(path, QueueRead));
    return read ? [[id, read.items]] : [];
  }

  /** A title that cannot be had is the id; it is asked for again when all is read anew. */
  async #readTitles(): Promise<void> {
    const { client } = this.#source;
    const missing = this.#standing.untitled(this.story?.id).filter((id) => !this.#asking.has(id));
    if (missing.length === 0) return;
    for (const id of missing) this.#asking.add(id);
    const ask = async (id: string) => {
      const task = await client.get(pathOf('task', id), Titled).catch(() => ({ title: id }));
      this.#standing.setTitle(id, task.title);
      this.#asking.delete(id);
    };
    await pMap(missing, ask, { concurrency });
    this.#changed();
  }

  async #readStory(story: Story): Promise<void> {
    const path = pathOf('session', story.id);
    const read = await this.#source.client.get(path, TimelineRead).catch(() => undefined);
    if (read) story.begin(read.timeline);
    await this.#readState(story);
  }

  async #readState(story: Story): Promise<void> {
    const reading = ++this.#stateReading;
    const path = pathOf('session', story.id, 'state');
    const state = await this.#source.client.get(path, StateRead).catch(() => null);
    if (reading === this.#stateReading) story.state = state;
    this.#changed();
  }
}

async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (thrown) {
    if (thrown instanceof CliError && thrown.exitCode === exitCodes.notFound) return undefined;
    throw thrown;
  }
}
