// `maestro watch` on a terminal: puts together what is known, what keys do, and what is drawn.
import pc from 'picocolors';
import { asError } from '../../domain/errors.ts';
import { createClient } from '../client.ts';
import type { Invocation } from '../invocation.ts';
import { pathOf } from '../paths.ts';
import { Done } from '../views.ts';
import { boardLines, type BoardView } from './board.ts';
import { Feed, type Source } from './feed.ts';
import { emptyDesk, pressed, selectedOf, type Desk, type Draft, type Key } from './keys.ts';
import { printable } from './printable.ts';
import { takeScreen, type Screen } from './screen.ts';
import { furthestBack, pageLines } from './session-page.ts';
import { Standing } from './standing.ts';

/** Facts come in bursts: they are drawn together. */
const drawDelayMs = 30;
/** One short attempt, and not a word beside the board. */
const quick = {
  timeoutMs: 3_000,
  retry: { retries: 0, delayMs: 0, longestDelayMs: 0, withinMs: 0 },
  output: { note: () => undefined, trace: () => undefined },
};

/** For the times in the rows. */
const tickMs = 1_000;

/**
 * Shows the board until the signal is aborted or a key ends it.
 * @throws CliError when the server refuses us for good
 */
export async function watchLive(invocation: Invocation, stopping: AbortController): Promise<void> {
  const live = new Live(invocation, stopping);
  try {
    await live.run();
  } finally {
    stopping.abort();
    live.leave();
  }
}

class Live {
  readonly #source: Source;
  readonly #stopping: AbortController;
  readonly #standing = new Standing();
  readonly #feed: Feed;
  readonly #screen: Screen;
  readonly #ticking: NodeJS.Timeout;
  #desk: Desk = emptyDesk;
  #drawing: NodeJS.Timeout | undefined;

  constructor({ environment, flags }: Invocation, stopping: AbortController) {
    const { serverUrl: url, credentials } = environment;
    this.#source = {
      url,
      credentials,
      projectId: flags.project,
      client: createClient({ ...quick, url, credentials }),
    };
    this.#stopping = stopping;
    this.#feed = new Feed(this.#source, this.#standing, () => this.#drawSoon());
    this.#screen = takeScreen(
      (key) => this.#press(key),
      () => this.#draw(),
    );
    this.#ticking = setInterval(() => this.#draw(), tickMs);
  }

  run(): Promise<void> {
    this.#draw();
    return this.#feed.run(this.#stopping.signal);
  }

  leave(): void {
    clearInterval(this.#ticking);
    clearTimeout(this.#drawing);
    this.#screen.leave();
  }

  #press(key: Key): void {
    const { story } = this.#feed;
    const { desk, wish } = pressed(this.#desk, key, {
      ids: this.#standing.rows(Date.now()).map(({ id }) => id),
      furthestBack: story ? furthestBack(story) : 0,
      questionOf: (id) => this.#standing.row(id)?.question ?? null,
    });
    this.#desk = desk;
    if (desk.open === null) this.#feed.close();
    if (wish?.kind === 'quit') this.#stopping.abort();
    if (wish?.kind === 'open') this.#open(wish.id);
    if (wish?.kind === 'answer') void this.#answer(wish.draft);
    this.#draw();
  }

  #open(id: string): void {
    const row = this.#standing.row(id);
    if (row) this.#feed.open(row);
  }

  async #answer(draft: Draft): Promise<void> {
    const { sessionId, question, text } = draft;
    if (this.#standing.row(sessionId)?.question !== question) {
      this.#desk = { ...this.#desk, draft: null, notice: 'Not sent: that question is no longer open.' };
      return;
    }
    this.#desk = { ...this.#desk, draft: null, notice: 'The answer is on its way…' };
    const path = pathOf('session', sessionId, 'answer');
    try {
      await this.#source.client.post(path, { message: text }, Done, { minimal: true });
      this.#desk = { ...this.#desk, notice: `Answered: ${text}` };
    } catch (thrown) {
      // What was written is not lost.
      const notice = `Not sent: ${asError(thrown).message}`;
      this.#desk = { ...this.#desk, ...(this.#desk.draft === null && { draft }), notice };
    }
    this.#draw();
  }

  #drawSoon(): void {
    this.#drawing ??= setTimeout(() => this.#draw(), drawDelayMs);
  }

  #draw(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    const { link } = this.#feed;
    const now = link.state === 'lost' ? link.at : Date.now();
    const ids = this.#standing.rows(now).map(({ id }) => id);
    const view: BoardView = {
      url: this.#source.url,
      link,
      standing: this.#standing,
      selected: selectedOf(this.#desk, ids),
      now,
    };
    const { size } = this.#screen;
    const bottom = bottomOf(this.#desk, size.columns);
    const { story } = this.#feed;
    this.#screen.draw(
      story ? pageLines(view, story, this.#desk.back, size, bottom) : boardLines(view, size, bottom),
    );
  }
}

/** The line at the bottom, when it is not for the keys. */
function bottomOf({ draft, notice }: Desk, columns: number): string | null {
  if (draft === null) return notice === null ? null : pc.yellow(printable(notice).slice(0, columns - 1));
  const lead = notice === null ? 'answer' : printable(notice).slice(0, Math.floor(columns / 2));
  // The end of a long answer is what is being written.
  const room = Math.max(columns - lead.length - 4, 8);
  if (draft.text === '')
    return `${pc.bold(`${lead}:`)} ${pc.inverse(' ')}  ${pc.dim('Enter sends, Esc leaves')}`;
  return `${pc.bold(`${lead}:`)} ${printable(draft.text).slice(-room)}${pc.inverse(' ')}`;
}
