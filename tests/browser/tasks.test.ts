// The view of all tasks, as a person uses it.
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Api } from '../support/api.ts';
import { temporaryFolder } from '../support/folder.ts';
import { repository, startProcess } from '../support/server.ts';
import { browserStage, describeInBrowser, expectAccessible, refused, type OpenOptions } from './browser.ts';
import { layTasks } from './many-tasks.ts';

const skills = { SKILLS_DIR: join(repository, 'assets/skills') };

const row = (page: Page, title: string) => page.getByRole('treeitem', { name: title });
const column = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const select = (page: Page, title: string) => page.getByRole('checkbox', { name: `Select ${title}` }).check();
/** What the one says that has the focus: its label, else its text. */
const focused = (page: Page): Promise<string> =>
  page.evaluate('document.activeElement.ariaLabel ?? document.activeElement.innerText');

describeInBrowser('the tasks view', () => {
  const { open } = browserStage();

  async function opened(
    lay: (api: Api) => Promise<unknown> = (api) => api.get('/health'),
    query = '',
    options: OpenOptions = {},
  ): Promise<{ api: Api; page: Page; again: (more?: string) => Promise<Page> }> {
    const { api } = await startProcess(skills);
    await lay(api);
    const again = (more = query): Promise<Page> => open(`${api.url}/#/tasks${more}`, options);
    return { api, page: await again(), again };
  }

  const three = async (api: Api): Promise<void> => {
    const projectId = await api.project();
    const parentId = await api.task(projectId, { title: 'Bake' });
    await api.task(projectId, { title: 'Knead', parentId });
    await api.task(projectId, { title: 'Wash up', status: 'completed' });
  };

  it('makes a project, a task in it, changes that, and makes one below it', async () => {
    const { api, page } = await opened();
    await button(page, 'New project…').click();
    await page.getByLabel('Name').fill('Bakery');
    await page.getByLabel('Working directory').fill('/srv/bakery');
    await button(page, 'Create project').click();
    await expect.poll(() => page.getByLabel('Project').locator('option:checked').innerText()).toBe('Bakery');

    await button(page, 'New task…').click();
    await page.getByLabel('Title').fill('Bake bread');
    await page.getByLabel('Acceptance criteria').fill('It is brown\n\n It is done ');
    await page.getByLabel('Priority').selectOption('high');
    await button(page, 'Create task').click();
    await row(page, 'Bake bread').waitFor();

    await button(page, 'Bake bread').click();
    expect(await page.getByLabel('Acceptance criteria').inputValue()).toBe('It is brown\nIt is done');
    await page.getByLabel('Title').fill('Bake rolls');
    await page.getByLabel('Status').selectOption('blocked');
    await page.getByLabel('Model').selectOption('opus');
    await button(page, 'Save').click();
    await row(page, 'Bake rolls blocked').waitFor();

    await button(page, 'Add a task below Bake rolls').click();
    await page.getByLabel('Title').fill('Heat the oven');
    await button(page, 'Create task').click();
    await row(page, 'Heat the oven').waitFor();
    expect(await row(page, 'Heat the oven').getAttribute('aria-level')).toBe('2');

    const [project] = (await api.get('/api/projects')).body;
    expect(project).toMatchObject({ name: 'Bakery', workingDir: '/srv/bakery' });
    const [parent, child] = (await api.get('/api/tasks')).body;
    expect(parent).toMatchObject({
      ...{ projectId: project.id, title: 'Bake rolls', status: 'blocked', priority: 'high', model: 'opus' },
      acceptanceCriteria: ['It is brown', 'It is done'],
    });
    expect(child).toMatchObject({ parentId: parent.id, title: 'Heat the oven' });
  });

  it('shows what the server refuses at its field, and leads there', async () => {
    const { page } = await opened((api) => api.project(), '', { expected: refused });
    await button(page, 'New task…').click();
    await page.getByLabel('Description').fill('without a title');
    await button(page, 'Create task').click();
    const title = page.getByLabel('Title');
    await page.getByRole('alert').getByText('Title must not be empty').waitFor();
    expect(await title.getAttribute('aria-invalid')).toBe('true');
    expect(await page.evaluate('document.activeElement.id')).toBe(await title.getAttribute('id'));
    await title.fill('with one');
    await button(page, 'Create task').click();
    await row(page, 'with one').waitFor();
  });

  it('sends only what was changed in the dialog: what others change meanwhile stays', async () => {
    const { api, page } = await opened(three);
    await button(page, 'Bake').click();
    const [{ id }] = (await api.get('/api/tasks')).body;
    await api.patch(`/api/tasks/${id}`, { description: 'by others' });
    await page.getByLabel('Title').fill('Bake more');
    await button(page, 'Save').click();
    await row(page, 'Bake more').waitFor();
    expect((await api.get(`/api/tasks/${id}`)).body.description).toBe('by others');
  });

  it('does not throw away what was written for one press of Escape', async () => {
    const { page } = await opened(three);
    await button(page, 'New task…').click();
    await page.getByLabel('Title').fill('Written');
    await page.keyboard.press('Escape');
    await page.getByText('What you wrote is not saved.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused(page)).toBe('New task…');
  });

  it('deletes a task only when asked twice; what is below it moves up', async () => {
    const { api, page } = await opened(three);
    await button(page, 'Bake').click();
    await button(page, 'Delete…').click();
    await page.getByText('What is directly below it (1) moves up.').waitFor();
    await page.keyboard.press('Enter');
    expect(await page.getByLabel('Title').inputValue()).toBe('Bake');
    await button(page, 'Delete…').click();
    await button(page, 'Delete task').click();
    await expect.poll(() => row(page, 'Bake').count()).toBe(0);
    expect(await row(page, 'Knead').getAttribute('aria-level')).toBe('1');
    expect((await api.get('/api/tasks')).body).toHaveLength(2);
    await expect.poll(() => page.evaluate('document.activeElement.role')).toBe('treeitem');
  });

  it('is a tree for the keyboard', async () => {
    const { page } = await opened(three);
    await row(page, 'Bake').focus();
    expect(await row(page, 'Bake').getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toContain('Knead');
    await page.keyboard.press('Space');
    expect(await row(page, 'Knead').getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    expect(await row(page, 'Bake').getAttribute('aria-expanded')).toBe('false');
    await expect.poll(() => row(page, 'Knead').count()).toBe(0);
    await page.keyboard.press('ArrowRight');
    await row(page, 'Knead').waitFor();
    await page.keyboard.press('End');
    expect(await focused(page)).toContain('Wash up');
    await page.keyboard.press('Enter');
    expect(await page.getByLabel('Title').inputValue()).toBe('Wash up');
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toContain('Wash up');
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Select Wash up');
  });

  it('moves a task on the board by keyboard, shown when it is so, and the focus goes along', async () => {
    const { api, page } = await opened(three, '?view=board');
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/api/tasks/*', async (route) => {
      await held;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Move Bake, now to do' }).press('Enter');
    await page.getByRole('group', { name: 'Move Bake to' }).getByText('blocked').press('Enter');
    expect(await column(page, 'to do').getByRole('listitem').count()).toBe(2);
    expect(await column(page, 'blocked').getByRole('listitem').count()).toBe(0);
    release();
    await column(page, 'blocked').getByText('Bake').waitFor();
    await expect.poll(() => focused(page)).toBe('Move Bake, now blocked');
    expect((await api.get('/api/tasks')).body[0].status).toBe('blocked');
  });

  it('moves a task on the board by mouse', async () => {
    const { page } = await opened(three, '?view=board');
    await column(page, 'to do').getByText('Knead').dragTo(column(page, 'in progress'));
    await column(page, 'in progress').getByText('Knead').waitFor();
  });

  it('spawns a session on those that are selected, as it is ordered, and goes to its page', async () => {
    const { api, page } = await opened(three);
    await select(page, 'Knead');
    await select(page, 'Bake');
    await button(page, 'Spawn a session…').click();
    await page.getByLabel('Strategy').selectOption('queue');
    await page.getByLabel('Role').selectOption('orchestrator');
    await page.getByLabel('Model').selectOption('haiku');
    await page.getByLabel('Name').fill('Baker');
    const skill = page.getByRole('group', { name: 'Skills' }).getByRole('checkbox').first();
    await skill.check();
    await button(page, 'Spawn').click();
    await page.getByRole('heading', { name: 'Baker' }).waitFor();
    const [session] = (await api.get('/api/sessions')).body;
    expect(page.url()).toBe(`${api.url}/#/sessions/${session.id}`);
    const [bake, knead] = (await api.get('/api/tasks')).body;
    expect(session).toMatchObject({
      ...{ name: 'Baker', strategy: 'queue', role: 'orchestrator', model: 'haiku' },
      taskIds: [knead.id, bake.id],
    });
    expect(session.metadata.skills).toHaveLength(1);

    await page.getByRole('link', { name: 'Tasks' }).click();
    await row(page, 'Bake').getByText('session: queued').waitFor();
    await row(page, 'Bake').getByText('spawning').waitFor();
    expect(await page.getByRole('checkbox', { name: 'Select Bake' }).isChecked()).toBe(false);
    await row(page, 'Bake').getByRole('link', { name: 'Baker' }).click();
    await page.getByRole('heading', { name: 'Baker' }).waitFor();
  });

  it('says before it asks the server that one session cannot work in two projects', async () => {
    const { page } = await opened(async (api) => {
      await api.task(await api.project(), { title: 'Bake' });
      await api.task(await api.project(), { title: 'Build' });
    });
    await select(page, 'Bake');
    await select(page, 'Build');
    await button(page, 'Spawn a session…').click();
    await page.getByText('These tasks are of 2 projects').waitFor();
    expect(await button(page, 'Spawn').isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Keep only those of' }).first().click();
    await button(page, 'Spawn').click();
    await page.getByRole('heading', { name: /^Worker for/ }).waitFor();
  });

  it('is the same in two windows', async () => {
    const { page, again } = await opened(three);
    const other = await again('?view=board');
    await button(page, 'New task…').click();
    await page.getByLabel('Title').fill('Sell');
    await button(page, 'Create task').click();
    await column(other, 'to do').getByText('Sell').waitFor();
    await button(other, 'Move Sell, now to do').click();
    await button(other, 'cancelled').click();
    await row(page, 'Sell cancelled').waitFor();
  });

  it('keeps in the address what is looked at', async () => {
    const { page } = await opened(three);
    await page.getByLabel('Hide completed and cancelled').check();
    await page.getByLabel('Project').selectOption({ label: 'A project' });
    await page.getByLabel('Search tasks').fill('knead');
    await expect.poll(() => row(page, 'Wash up').count()).toBe(0);
    await expect.poll(() => page.url()).toContain('words=knead');
    await page.reload();
    await row(page, 'Knead').waitFor();
    expect(await page.getByLabel('Search tasks').inputValue()).toBe('knead');
    expect(await page.getByLabel('Hide completed and cancelled').isChecked()).toBe(true);
    expect(await page.getByLabel('Project').locator('option:checked').innerText()).toBe('A project');
    await button(page, 'Board').click();
    await page.reload();
    await column(page, 'to do').getByText('Knead').waitFor();
    expect(await page.getByRole('article').count()).toBe(1);
  });

  it('shows what is looked for with what is above it, also where that was folded', async () => {
    const { page } = await opened(three);
    await button(page, 'Fold all').click();
    await expect.poll(() => page.getByRole('treeitem').count()).toBe(2);
    await page.getByLabel('Search tasks').fill('KNEAD');
    await row(page, 'Knead').waitFor();
    expect(await page.getByRole('treeitem').count()).toBe(2);
    await page.getByText('1 shown').waitFor();
    await row(page, 'Bake').press('ArrowLeft');
    await expect.poll(() => page.getByRole('treeitem').count()).toBe(1);
    await page.getByLabel('Search tasks').fill('nothing like it');
    await page.getByText('No task is like that.').waitFor();
  });

  it('keeps nobody out: the tree, the board, and each dialog, in light and in dark', async () => {
    const { page } = await opened(async (api) => {
      await three(api);
      const [{ id, projectId }] = (await api.get('/api/tasks')).body;
      await api.post('/api/sessions/spawn', { projectId, taskIds: [id] });
      await api.task(await api.project(), { title: 'Build', priority: 'high', model: 'opus' });
    });
    await select(page, 'Bake');
    await select(page, 'Build');
    await expectAccessible(page);
    for (const name of ['New project…', 'New task…', 'Bake', 'Spawn a session…']) {
      await button(page, name).click();
      await page.getByRole('dialog').waitFor();
      await expectAccessible(page);
      if (name === 'Bake') {
        await button(page, 'Delete…').click();
        await expectAccessible(page);
      }
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await button(page, 'Board').click();
    await page.getByRole('button', { name: 'Move Bake' }).click();
    await expectAccessible(page);
  });

  it.each(['', '?view=board'])('fits into a narrow window (%s)', async (query) => {
    const { page } = await opened(three, query, { viewport: { width: 360, height: 700 } });
    await page.getByText('Bake', { exact: true }).first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });

  it('has few of 10,000 tasks in the document, and any of them within reach', async () => {
    const folder = temporaryFolder();
    layTasks(join(folder, 'data'), 10_000);
    const { api } = await startProcess({}, folder);
    const page = await open(`${api.url}/#/tasks`);
    const rows = page.locator('.row');
    expect(await page.getByRole('treeitem').count()).toBeGreaterThan(10);
    expect(await rows.count()).toBeLessThan(200);
    await page.getByRole('treeitem').first().press('End');
    await row(page, 'Task 9999').waitFor();
    expect(await focused(page)).toContain('Task 9999');
    expect(await rows.count()).toBeLessThan(200);
    await page.getByLabel('Search tasks').fill('task 777');
    await row(page, 'Task 7779').waitFor();
    await page.getByLabel('Search tasks').fill('');
    await button(page, 'Board').click();
    const completed = column(page, 'completed');
    await completed.getByRole('heading', { name: 'completed 5000' }).waitFor();
    expect(await rows.count()).toBeLessThan(200);
    await page.getByRole('button', { name: 'Move Task 0, now to do' }).press('Enter');
    await page.getByRole('group', { name: 'Move Task 0 to' }).getByText('completed').press('Enter');
    await completed.getByRole('heading', { name: 'completed 5001' }).waitFor();
    expect(await rows.count()).toBeLessThan(200);
  });
});
