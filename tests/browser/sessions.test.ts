// The views of sessions, facts and machines, as a person uses them.
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { commands } from '../cli/command.ts';
import type { Api } from '../support/api.ts';
import { temporaryFolder } from '../support/folder.ts';
import { queueIn } from '../support/queue.ts';
import { repository, startProcess } from '../support/server.ts';
import { workingIn } from '../support/session.ts';
import { browserStage, describeInBrowser, expectAccessible } from './browser.ts';

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

/** What a lost connection leaves in the console. */
const lost = /ERR_CONNECTION|WebSocket connection|ERR_EMPTY_RESPONSE/;

async function asking(api: Api, name = 'Painter'): Promise<string> {
  const { id, patch, say } = await workingIn({ api });
  await patch({ name });
  await say({ type: 'needs_input', message: 'Which colour?' });
  return id;
}

describeInBrowser('the sessions', () => {
  const { open } = browserStage();

  it('show first who needs a person, and take the answer there', async () => {
    const { api } = await startProcess();
    await workingIn({ api });
    const id = await asking(api);
    const page = await open(api.url);
    expect(await page.title()).toBe('(1) Maestro');
    const question = section(page, 'Needs you').getByRole('textbox', { name: 'Painter asks: Which colour?' });
    await question.fill('blue');
    await question.press('Enter');
    await expect.poll(() => section(page, 'Needs you').count()).toBe(0);
    expect(await section(page, 'At work').getByRole('listitem').count()).toBe(2);
    expect((await api.get(`/api/sessions/${id}`)).body.timeline.at(-1)).toMatchObject({ message: 'blue' });
  });

  it('stay in step in two windows', async () => {
    const { api } = await startProcess();
    const id = await asking(api);
    const [one, two] = [await open(api.url), await open(`${api.url}/#/sessions/${id}`)];
    await two.getByRole('textbox', { name: 'Which colour?' }).fill('red');
    await button(two, 'Answer').click();
    await section(one, 'At work').getByText('red').waitFor();
    await button(two, 'Stop').click();
    await section(one, 'Ended').waitFor();
    await expect.poll(() => section(one, 'At work').count()).toBe(0);
    await two.getByText('stopped', { exact: true }).first().waitFor();
  });

  it('say at once when the server is lost, and go on where it stands when it is back', async () => {
    const server = await startProcess();
    const id = await asking(server.api);
    const page = await open(server.api.url, { expected: lost });
    await server.kill();
    await page.getByText('not connected: this is how it was at').waitFor({ timeout: 2_000 });
    expect(await page.title()).toBe('⚠ Maestro');
    const port = new URL(server.api.url).port;
    const { api } = await startProcess({ PORT: port }, server.folder);
    await api.post(`/api/sessions/${id}/answer`, { message: 'green' });
    await page.getByRole('status').getByText('live', { exact: true }).waitFor();
    await section(page, 'At work').getByText('green').waitFor();
  });

  it('that have ended are folded away, and can be searched', async () => {
    const { api } = await startProcess();
    const ended = await workingIn({ api });
    await ended.patch({ name: 'Finished', status: 'completed' });
    const page = await open(api.url);
    expect(await page.getByText('Finished').count()).toBe(0);
    await page.getByRole('button', { name: 'Ended' }).click();
    await page.getByRole('link', { name: 'Finished' }).waitFor();
    await page.getByRole('searchbox').fill('other');
    await page.getByText('None of those that have ended is like that.').waitFor();
  });

  it('that ended before the page was opened come back when they are taken up again', async () => {
    const { api } = await startProcess();
    const { patch } = await workingIn({ api });
    await patch({ name: 'Finished', status: 'completed' });
    const page = await open(api.url);
    await patch({ status: 'working' });
    await section(page, 'At work').getByRole('link', { name: 'Finished' }).waitFor();
  });

  it('are in the document only as far as they are seen, a thousand of them', async () => {
    const { api } = await startProcess();
    const projectId = await api.project();
    for (let begun = 0; begun < 1000; begun += 50)
      await Promise.all(Array.from({ length: 50 }, () => api.session(projectId, [], { status: 'working' })));
    const page = await open(api.url);
    await section(page, 'At work').getByText('1000').waitFor();
    expect(await page.getByRole('article').count()).toBeLessThan(60);
    await page.keyboard.press('End');
    await page.locator('[aria-posinset="1000"]').waitFor();
    expect(await page.getByRole('article').count()).toBeLessThan(60);
  });
});

describeInBrowser('a session', () => {
  const { open } = browserStage();

  it('offers exactly what its machine allows now, and shows the state that follows', async () => {
    const { api } = await startProcess();
    const { id, move } = await queueIn({ api });
    const page = await open(`${api.url}/#/sessions/${id}`);
    const offered = () => page.getByRole('region', { name: 'Actions' }).getByRole('button').allInnerTexts();
    const idle = ['Set working', 'Complete', 'Mark failed', 'Stop', 'Start next item', 'Skip item'];
    await expect.poll(offered).toEqual(idle);
    await button(page, 'Start next item').click();
    const atWork = ['Set idle', 'Complete', 'Mark failed', 'Stop', 'Complete item', 'Fail item', 'Skip item'];
    await expect.poll(offered).toEqual(atWork);
    const chart = page.getByRole('img', { name: 'The session machine is in working.active' });
    await chart.waitFor();
    await page.getByRole('img', { name: 'The queue machine is in processing' }).waitFor();
    await move('complete');
    await section(page, 'Queue').getByText('completed').waitFor();
    await section(page, 'The way it took').getByText('working.active').waitFor();
  });

  it('grows as it is told, newest first, and none is lost or shown twice', async () => {
    const { api } = await startProcess();
    const { id, say } = await workingIn({ api });
    const page = await open(`${api.url}/#/sessions/${id}`);
    const said = () => section(page, 'Timeline').getByRole('listitem').allInnerTexts();
    await expect.poll(async () => (await said()).length).toBe(1);
    for (let number = 1; number <= 12; number += 1) await say({ message: `report ${number}.` });
    await expect.poll(async () => (await said()).length).toBe(13);
    const numbers = (await said()).map((text) => Number(/report (\d+)\./.exec(text)?.[1] ?? 0));
    expect(numbers).toEqual(Array.from({ length: 13 }, (_, index) => 12 - index));
  });

  it('shows its manifest, and a refusal in the words of the server', async () => {
    const { api } = await startProcess();
    const projectId = await api.project();
    const taskId = await api.task(projectId, { title: 'Bake bread' });
    const { sessionId } = (await api.post('/api/sessions/spawn', { projectId, taskIds: [taskId] })).body;
    const page = await open(`${api.url}/#/sessions/${sessionId}`, { expected: /status of 422/ });
    await page.getByText('Manifest', { exact: true }).click();
    await page.getByText('"title": "Bake bread"').waitFor();
    await page.route('**/api/sessions/*', async (route) => {
      if (route.request().method() === 'PATCH')
        await api.patch(`/api/sessions/${sessionId}`, { status: 'stopped' });
      await route.continue({
        ...(route.request().method() === 'PATCH' && { postData: '{"status":"spawning"}' }),
      });
    });
    await button(page, 'Set working').click();
    await page.getByRole('alert').getByText('A session that is stopped cannot go back to spawning').waitFor();
  });

  it('shows what agents say as text, never as a part of the page', async () => {
    const { api } = await startProcess();
    const { id, patch, say } = await workingIn({ api });
    const markup = '<img src=x onerror="document.title=1"><b>bold</b>';
    await patch({ name: markup });
    await say({ type: 'needs_input', message: markup });
    const page = await open(`${api.url}/#/sessions/${id}`);
    await page.getByRole('heading', { level: 1, name: markup }).waitFor();
    await section(page, 'Timeline').getByText(markup).waitFor();
    await page.goto(api.url);
    await section(page, 'Needs you').getByRole('link', { name: markup }).waitFor();
    expect(await page.locator('img[src="x"], b').count()).toBe(0);
  });

  it('that is not there says so', async () => {
    const { api } = await startProcess();
    const page = await open(`${api.url}/#/sessions/sess_none`, { expected: /status of 404/ });
    await page.getByRole('alert').getByText('Session sess_none not found').waitFor();
  });
});

describeInBrowser('the facts', () => {
  const { open } = browserStage();

  it('come as they become true, and can be searched, paused and opened', async () => {
    const { api } = await startProcess();
    const page = await open(`${api.url}/#/facts`);
    const projectId = await api.project();
    await api.task(projectId, { title: 'Bake bread' });
    await page.getByRole('button', { name: 'task:created' }).click();
    await page.getByText('"title": "Bake bread"').waitFor();
    await button(page, 'Pause').click();
    await api.task(projectId, { title: 'Knead' });
    await button(page, 'Go on (1 more)').click();
    await page.getByRole('button', { name: 'Knead' }).waitFor();
    await page.getByRole('searchbox').fill('knead');
    await expect.poll(() => page.getByRole('listitem').count()).toBe(1);
    await page.getByLabel('Kind').selectOption('project');
    await page.getByText('No fact since this page was opened is like that.').waitFor();
  });
});

describeInBrowser('every view', () => {
  const { open } = browserStage();

  it('keeps nobody out (axe), on a wide window and on a narrow one', async () => {
    const { api } = await startProcess();
    await asking(api);
    const { id, move } = await queueIn({ api });
    await move('start');
    for (const width of [1200, 360]) {
      const page = await open(api.url, { viewport: { width, height: 800 } });
      for (const [path, heading] of [
        ['/', 'Sessions'],
        [`/sessions/${id}`, 'Unnamed Session'],
        ['/facts', 'Facts'],
        ['/machines', 'Machines'],
      ]) {
        await page.goto(`${api.url}/#${path}`);
        await page.getByRole('heading', { level: 1, name: heading ?? '' }).waitFor();
        await api.patch(`/api/sessions/${id}`, { metadata: { seen: path } });
        await expectAccessible(page);
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(overflow, `${path} is ${width} wide`).toBeLessThanOrEqual(0);
      }
    }
  });

  it('is there behind a token, under its prefix, also without the last slash', async () => {
    const { api } = await startProcess({ MAESTRO_TOKEN: 'a-token-of-some-length' });
    const page = await open(`${api.url}/t/a-token-of-some-length`);
    expect(page.url()).toContain('/t/a-token-of-some-length/');
    await page.getByRole('heading', { name: 'Sessions' }).waitFor();
  });
});

describeInBrowser('from tasks to a finished queue', () => {
  const { open } = browserStage();

  it('a person makes tasks, spawns, answers what the agent asks, and sees the queue drained', async () => {
    const folder = temporaryFolder();
    const { api } = await startProcess({}, folder);
    const agent = join(repository, 'examples/demo/agent.mjs');
    const { start } = commands(
      { MAESTRO_API_URL: api.url, MAESTRO_AGENT_CMD: `"${process.execPath}" "${agent}"` },
      folder,
    );
    start(['host']);
    await api.project(folder);
    const page = await open(`${api.url}/#/tasks`);
    const prompts = [
      '$ echo one',
      '? How many?\n$ echo {answer} of them',
      '$ echo nothing there >&2; exit 1',
    ];
    for (const [index, prompt] of prompts.entries()) {
      await button(page, 'New task…').click();
      await page.getByLabel('Title').fill(`Step ${index + 1}`);
      await page.getByLabel('Initial prompt').fill(prompt);
      await button(page, 'Create task').click();
      await page.getByRole('checkbox', { name: `Select Step ${index + 1}` }).check();
    }
    await button(page, 'Spawn a session…').click();
    await page.getByLabel('Strategy').selectOption('queue');
    await page.getByLabel('Name').fill('Three steps');
    await button(page, 'Spawn').click();
    const answer = page.getByRole('textbox', { name: 'How many?' });
    await answer.waitFor({ timeout: 30_000 });
    await answer.fill('seven');
    await answer.press('Enter');
    await page.getByRole('img', { name: 'The queue machine is in drained' }).waitFor({ timeout: 30_000 });
    const items = await section(page, 'Queue').getByRole('listitem').allInnerTexts();
    expect(items.map((text) => /completed|failed/.exec(text)?.[0])).toEqual([
      'completed',
      'completed',
      'failed',
    ]);
    await section(page, 'Timeline').getByText('seven of them').waitFor();
    await page.getByRole('img', { name: 'The session machine is in completed' }).waitFor({ timeout: 30_000 });
  });
});
