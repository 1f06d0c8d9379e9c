// examples/inspect/ on the real server, as docs/guides/stately-inspector.md has one type them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { repository, startServer } from '../support/server.ts';

const soon = { timeout: 10_000 };

/** Runs an example until the test is over. */
function run(name: string, server: string): { child: ChildProcess; output: () => string } {
  const args = [join(repository, 'examples/inspect', name), server];
  const child = spawn(process.execPath, args, { env: { PATH: process.env['PATH'], PORT: '0' } });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (output += data.toString('utf8')));
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return { child, output: () => output };
}

it('print.mjs prints each move, and ends when the server does', async () => {
  const { api, maestro } = await startServer({ MAESTRO_INSPECT: '1' });
  const id = await api.session(await api.project());
  const { child, output } = run('print.mjs', `${api.url.replace('http', 'ws')}/inspect`);
  const exited = once(child, 'exit', { signal: AbortSignal.timeout(20_000) });
  await expect.poll(output, soon).toMatch(new RegExp(`^actor +session ${id} +"idle"$`, 'm'));
  await api.patch(`/api/sessions/${id}`, { status: 'working' });
  await expect.poll(output, soon).toMatch(new RegExp(`^event +session ${id} +session.work$`, 'm'));
  await expect.poll(output, soon).toMatch(new RegExp(`^snapshot +session ${id} +{"working":"active"}$`, 'm'));
  await maestro.close();
  expect((await exited)[0]).toBe(0);
});

it('print.mjs says why it cannot attach', async () => {
  const { api } = await startServer();
  const { child, output } = run('print.mjs', `${api.url.replace('http', 'ws')}/inspect`);
  const [code] = await once(child, 'exit', { signal: AbortSignal.timeout(20_000) });
  expect([code, output()]).toEqual([
    1,
    expect.stringMatching(/cannot be attached to: Unexpected server response: 404\n$/),
  ]);
});

/** A page's script, with what it needs of a browser; what it hands on to the frame that it makes. */
function openPage(html: string, origin: string) {
  const posted: { message: any; to: string }[] = [];
  const frame = {
    src: '',
    contentWindow: { postMessage: (message: unknown, to: string) => posted.push({ message, to }) },
  };
  const listeners: ((event: object) => void)[] = [];
  class OfPage extends WebSocket {
    constructor(url: string) {
      super(url, { origin });
      onTestFinished(() => this.terminate());
    }
  }
  const script = /<script type="module">([\s\S]*)<\/script>/.exec(html)?.[1] ?? '';
  const window = {
    addEventListener: (_: string, listener: (event: object) => void) => listeners.push(listener),
  };
  const document = { title: '', querySelector: () => frame };
  runInContext(script, createContext({ window, document, WebSocket: OfPage }));
  const say = (source: object) => listeners[0]?.({ source, data: { type: '@statelyai.connected' } });
  return { frame, posted, say };
}

it('the page of stately.mjs hands on what it hears once the inspector in its frame listens, and to that alone', async () => {
  const { api } = await startServer({ MAESTRO_INSPECT: '1' });
  const id = await api.session(await api.project());
  const { output } = run('stately.mjs', `${api.url.replace('http', 'ws')}/inspect`);
  const address = await vi.waitUntil(() => /open (http:\S+)/.exec(output())?.[1], soon);
  const html = await (await fetch(address, { signal: AbortSignal.timeout(soon.timeout) })).text();
  const page = openPage(html, address);
  expect(page.frame.src).toBe('https://stately.ai/inspect');
  page.say({});
  page.say(page.frame.contentWindow);
  await expect.poll(() => page.posted.length, soon).toBe(1);
  await api.patch(`/api/sessions/${id}`, { status: 'working' });
  await expect.poll(() => page.posted.length, soon).toBe(3);
  expect(page.posted.map(({ message }) => message.type)).toEqual([
    '@xstate.actor',
    '@xstate.event',
    '@xstate.snapshot',
  ]);
  expect(new Set(page.posted.map(({ to }) => to))).toEqual(new Set(['https://stately.ai']));
});

it('the page of stately.mjs is given to no foreign host: it may hold the token', async () => {
  const { output } = run('stately.mjs', 'ws://localhost:1/inspect?token=secret');
  const address = await vi.waitUntil(() => /open (http:\S+)/.exec(output())?.[1], soon);
  const statusFor = async (host: string): Promise<number> => {
    const [response] = await once(get(address, { headers: { host } }), 'response');
    response.resume();
    return response.statusCode;
  };
  expect([await statusFor('evil.example'), await statusFor('localhost:8080')]).toEqual([403, 200]);
});
