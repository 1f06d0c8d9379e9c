// A real browser on a real server, for tests of the page.
//
// B1. One browser for each file; each test has windows of its own, that share nothing.
// B2. What a window's console has to complain about fails the test: an error, an uncaught exception, a breach of the
//     Content-Security-Policy.
// B3. Windows are closed before their server is, so that what a window says of a lost server is none of this.
import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';

const executablePath = '/usr/bin/chromium';

/** Alone on this machine: it asks nobody for anything. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const isThere = existsSync(executablePath);
if (!isThere && !process.env['CI']) console.warn(`not tested: there is no ${executablePath}`);

const tellBreaches = `addEventListener('securitypolicyviolation', (event) =>
  console.error('CSP:', event.violatedDirective, event.blockedURI))`;

/** Skipped where there is no browser; not in CI, which is to have one. */
export const describeInBrowser = describe.skipIf(!isThere && !process.env['CI']);

export interface OpenOptions extends BrowserContextOptions {
  /** What the console may complain about: a refusal, say, that is part of the test. */
  expected?: RegExp;
}

/** What a refusal of the server leaves in the console. */
export const refused = /the server responded with a status of 4\d\d/;

/** Opens windows. Called once in a file, inside of `describeInBrowser`. */
export function browserStage(): { open: (url: string, options?: OpenOptions) => Promise<Page> } {
  let browser: Browser;
  let complaints: string[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    const heard = complaints;
    complaints = [];
    expect(heard, 'what the console complained about').toEqual([]);
  });
  // Where it could not be launched there is none.
  afterAll(() => (browser as Browser | undefined)?.close());

  async function open(url: string, { expected, ...options }: OpenOptions = {}): Promise<Page> {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    const note = (complaint: string): void => {
      if (!expected?.test(complaint)) complaints.push(complaint);
    };
    page.on('pageerror', (error) => note(error.stack ?? error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') note(message.text());
    });
    await page.addInitScript({ content: tellBreaches });
    await page.goto(url);
    await page.getByRole('status').getByText('live', { exact: true }).waitFor();
    return page;
  }
  return { open };
}

/** Neither in light nor in dark is there anything that keeps people out. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.map(({ html }) => html) }));
    expect(found, `in ${colorScheme}`).toEqual([]);
  }
}
