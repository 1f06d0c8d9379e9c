// The pictures of the page in docs/images, taken in a real browser of a real server with a small story on it:
// `npm run screenshots`. Needs Chromium (CHROMIUM says where it is).
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const images = join(root, 'docs/images');
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

const folder = mkdtempSync(join(tmpdir(), 'maestro-screenshots-'));
const server = spawn(process.execPath, [join(root, 'dist/main.js')], {
  env: {
    ...process.env,
    PORT: '0',
    LOG_FORMAT: 'json',
    DATA_DIR: join(folder, 'data'),
    SESSION_DIR: join(folder, 'sessions'),
    MANIFEST_GENERATOR: 'server',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const url = await addressOf(server);
  const { asking, queue } = await tell(url);
  mkdirSync(images, { recursive: true });
  const page = await browser.newPage({ viewport: { width: 1200, height: 760 }, colorScheme: 'light' });
  const take = async (name, path, options = {}) => {
    await page.goto(`${url}/#${path}`);
    await page.waitForSelector('.connection.live');
    await page.waitForTimeout(600); // Layouts settle.
    await options.first?.();
    await page.screenshot({ path: join(images, `${name}.png`), fullPage: options.whole ?? false });
  };
  await take('sessions', '/');
  await take('session', `/sessions/${queue}`, { whole: true });
  await take('needs-input', `/sessions/${asking}`, { whole: true });
  await take('tasks', '/tasks');
  await take('machines', '/machines', { whole: true });
  await page.emulateMedia({ colorScheme: 'dark' });
  await take('facts', '/facts', { first: () => say(url, queue) });
} finally {
  await browser.close();
  server.kill();
  await new Promise((resolve) => server.once('exit', resolve));
  rmSync(folder, { recursive: true, force: true });
}

function addressOf({ stdout }) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('the server did not start')), 10_000);
    stdout.on('data', (text) => {
      const found = /listens on (http:\S+?)"/.exec(String(text));
      if (!found) return;
      clearTimeout(limit);
      resolve(found[1].replace('127.0.0.1', 'localhost'));
    });
  });
}

async function call(url, method, path, body) {
  const response = await fetch(`${url}/api${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body ?? {}),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return response.json();
}

/** A morning with four agents on one project. */
async function tell(url) {
  const post = (path, body) => call(url, 'POST', path, body);
  const patch = (path, body) => call(url, 'PATCH', path, body);
  const project = await post('/projects', { name: 'Web shop', workingDir: '/home/me/shop' });
  const task = async (title, more = {}) =>
    (await post('/tasks', { projectId: project.id, title, ...more })).id;
  const lines = await task('Count the lines by folder', { status: 'in_progress' });
  const cart = await task('Refactor the cart', { priority: 'high' });
  await task('Split the price rules', { parentId: cart, status: 'completed' });
  await task('Move to the new API', { parentId: cart, status: 'in_progress', priority: 'high' });
  const login = await task('Fix the login on Safari', { status: 'blocked', priority: 'high' });
  const licences = await task('List dependencies with licences');
  const notes = [];
  for (const title of [
    'Check the links in the docs',
    'Summarise the git log',
    'Write the release notes',
    'Look for TODOs',
  ])
    notes.push(await task(title));
  const spawn = async (sessionName, taskIds, more = {}) => {
    const { sessionId } = await post('/sessions/spawn', {
      projectId: project.id,
      taskIds,
      sessionName,
      ...more,
    });
    return sessionId;
  };
  const asking = await spawn('Worker: lines', [lines]);
  await patch(`/sessions/${asking}`, { status: 'working' });
  await post(`/sessions/${asking}/timeline`, { message: '304 files found, counting their lines' });
  const question = 'Shall lock files be counted, too? (yes or no)';
  await post(`/sessions/${asking}/timeline`, { type: 'needs_input', message: question });
  const queue = await spawn('Queue: release', notes, { strategy: 'queue' });
  for (const [move, body] of [
    ['start'],
    ['complete'],
    ['start'],
    ['fail', { reason: 'no tags in this clone' }],
    ['start'],
  ])
    await post(`/sessions/${queue}/queue/${move}`, body);
  await post(`/sessions/${queue}/timeline`, { message: 'reading 14 commits since v2.3' });
  await spawn('Worker: licences', [licences]);
  const failed = await spawn('Worker: login', [login]);
  await patch(`/sessions/${failed}`, { status: 'working' });
  await post(`/sessions/${failed}/timeline`, { type: 'error', message: 'Safari 17 is not on this machine' });
  await patch(`/sessions/${failed}`, { status: 'failed' });
  return { asking, queue };
}

/** Something for the stream of facts. */
async function say(url, queue) {
  await call(url, 'POST', `/sessions/${queue}/timeline`, { message: 'release notes written' });
  await call(url, 'POST', `/sessions/${queue}/queue/complete`);
  await call(url, 'POST', `/sessions/${queue}/queue/start`);
  await new Promise((resolve) => setTimeout(resolve, 500));
}
