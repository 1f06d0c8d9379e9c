// `maestro watch` in a real terminal, against the built server.
import { describe, expect, it } from 'vitest';
import { startProcess } from '../support/server.ts';
import { eventually } from './command.ts';
import { terminal } from './terminal.ts';
import { isMissing } from './tmux.ts';

const watchIn = (folder: string, environment: Record<string, string>) =>
  terminal(folder, environment, ['watch']);

async function garden() {
  const server = await startProcess();
  const { api, folder } = server;
  const projectId = await api.project();
  const tasks = [await api.task(projectId, { title: 'Prune' }), await api.task(projectId, { title: 'Mow' })];
  const gardener = await api.session(projectId, tasks, { name: 'Gardener', strategy: 'queue' });
  const painter = await api.session(projectId, [tasks[1] ?? ''], { name: 'Painter' });
  const watch = watchIn(folder, { MAESTRO_API_URL: api.url });
  await watch.shows('live');
  const say = (id: string, entry: object) => api.post(`/api/sessions/${id}/timeline`, entry);
  /** The row of a session, and which row it is. */
  const row = (name: string) => {
    const lines = watch.screen().split('\n').slice(3);
    const at = lines.findIndex((line) => line.includes(name));
    return { at, text: lines[at] ?? '' };
  };
  return { ...server, ...watch, gardener, painter, say, row };
}

describe.skipIf(isMissing)('maestro watch in a terminal', () => {
  it('shows each live session: state, strategy, progress of its queue, task in work, last report', async () => {
    const { api, gardener, say, row, shows, press, ended } = await garden();
    await shows('2 sessions: 2 idle');
    await api.post(`/api/sessions/${gardener}/queue/start`);
    await api.post(`/api/sessions/${gardener}/queue/complete`);
    await api.post(`/api/sessions/${gardener}/queue/start`);
    await say(gardener, { message: 'half\u0007of\nthe \u001b[31mlawn' });
    await shows('half of the lawn');
    const { at, text } = row('Gardener');
    expect(at, 'who works stands before who is idle').toBe(0);
    expect(text).toMatch(/Gardener +working +\d+ s +queue +1\/2 +Mow +half of the lawn/);
    await api.patch(`/api/sessions/${gardener}`, { status: 'completed' });
    await shows('1 session: 1 idle');
    press('q');
    expect(await ended()).toBe(0);
  });

  it('puts a question first; Enter opens the session, a answers', async () => {
    const { api, painter, gardener, say, row, shows, press, write, ended } = await garden();
    await api.patch(`/api/sessions/${gardener}`, { status: 'working' });
    await shows('1 working');
    await api.patch(`/api/sessions/${painter}`, { status: 'working' });
    await say(painter, { message: 'Which colour?', type: 'needs_input' });
    await shows('1 needs input, 1 working');
    expect(row('Painter')).toMatchObject({ at: 0, text: expect.stringContaining('› Painter') });

    press('Enter');
    await shows('answer → working.active');
    await shows(/session_started[^]*needs_input +Which colour\?/);
    press('a');
    write('dark bluq');
    press('BSpace');
    write('é');
    await shows('answer: dark blué');
    press('Enter');
    await shows(/progress +dark blué/);
    await shows('Answered: dark blué');
    const { timeline, needsInput } = (await api.get(`/api/sessions/${painter}`)).body;
    expect([timeline.at(-1).message, needsInput.active]).toEqual(['dark blué', false]);

    press('a');
    await shows('Nothing is asked here.');
    press('Left');
    await shows(/› Painter +working/);
    press('Enter');
    await shows('next:');
    press('Escape', 'C-c');
    expect(await ended()).toBe(0);
  });

  it('says at once that it is not live when the server is killed, and comes back with it', async () => {
    const { kill, api, folder, gardener, shows, screen, press, ended } = await garden();
    await kill();
    await shows(/not connected since \d\d:\d\d:\d\d/);
    expect(screen()).not.toMatch(/\blive\b/);
    expect(screen()).toContain('below: how it was then');
    const again = await startProcess({ PORT: new URL(api.url).port }, folder);
    await again.api.patch(`/api/sessions/${gardener}`, { status: 'working' });
    await shows(/live +2 sessions: 1 working, 1 idle/);
    press('q');
    expect(await ended()).toBe(0);
  });

  it('does not take the silence of a server that hangs for peace', async () => {
    const { child, api, gardener, shows, screen, press, ended } = await garden();
    child.kill('SIGSTOP');
    await shows(/not connected since .*\(it does not answer\)/);
    expect(screen()).not.toMatch(/\blive\b|not answered yet/);
    child.kill('SIGCONT');
    await api.patch(`/api/sessions/${gardener}`, { status: 'working' });
    await shows(/live +2 sessions: 1 working, 1 idle/);
    press('q');
    expect(await ended()).toBe(0);
  });

  it('reads all anew when the server has forgotten what it told', async () => {
    const { kill, api, shows, press, ended } = await garden();
    await kill();
    await shows('not connected');
    const { api: other } = await startProcess({ PORT: new URL(api.url).port });
    await other.session(await other.project(), [], { name: 'Newcomer' });
    await shows(/live +1 session: 1 idle[^]*› Newcomer/);
    press('q');
    expect(await ended()).toBe(0);
  });

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('gives the terminal back on %s', async (signal) => {
    const { pid, ended } = await garden();
    process.kill(await pid(), signal);
    expect(await ended()).toBe(0);
  });

  it('gives the terminal back at Ctrl-Z, and goes on with fg', async () => {
    const { press, shows, stopped, ended } = await garden();
    press('C-z');
    await stopped();
    press('Enter');
    await shows('live  2 sessions');
    press('q');
    expect(await ended()).toBe(0);
  });

  it('gives the terminal back when the server refuses it, and says why', async () => {
    const { api, folder } = await startProcess({ MAESTRO_TOKEN: 'a-token-of-the-test' });
    const { ended, screen } = watchIn(folder, { MAESTRO_API_URL: api.url, MAESTRO_TOKEN: 'another' });
    expect(await ended()).toBe(4);
    expect(screen()).toContain('the server refuses this connection (status 401)');
  });

  it('keeps to the size of the terminal', async () => {
    const { tmux, screen, shows, press, api, ended } = await garden();
    const projectId = (await api.get('/api/projects')).body[0].id;
    for (let count = 0; count < 30; count += 1) await api.session(projectId, [], { name: `Agent ${count}.` });
    await shows('32 sessions');
    for (const [columns, rows, more] of [
      [60, 14, 'last report'],
      [30, 10, 'state'],
      [140, 30, 'strategy'],
    ] as const) {
      tmux('resize-window', '-t', ':maestro', '-x', String(columns), '-y', String(rows));
      await eventually(() => {
        const lines = screen().split('\n');
        const [first = '', last = ''] = [lines[0], lines.at(-1)];
        const isWhole = first.startsWith('Maestro http') && last.includes('↑↓ select');
        return isWhole && lines.length < rows && lines[2]?.includes(more) && screen().includes('more below');
      }, screen);
    }
    for (let count = 0; count < 31; count += 1) press('j');
    await shows('› Agent 29.');
    await shows('more above');
    press('q');
    expect(await ended()).toBe(0);
  });
});
