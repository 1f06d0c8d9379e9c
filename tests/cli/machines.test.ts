import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { chartOf } from '../../src/charts/chart.ts';
import { charts } from '../../src/charts/machines.ts';
import { machines } from '../charts/machines.ts';
import { parsedMermaid } from '../charts/mermaid.ts';
import { readScxml } from '../charts/scxml.ts';
import { commands } from './command.ts';

/** No server is asked: there is none at this port. */
const alone = () => commands({ MAESTRO_API_URL: 'http://127.0.0.1:59999', MAESTRO_RETRIES: '0' });

const print = async (...args: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await alone().run(['machines', ...args]);
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout;
};

describe('maestro machines', () => {
  it('lists them, without a server', async () => {
    const rows = (await print()).split('\n').map((line) => line.split('\t'));
    expect(rows).toEqual([
      ['machine', 'states', 'transitions', 'description'],
      ...charts.map(({ id, states, transitions, description }) => [
        id,
        String(states.length),
        String(transitions.length),
        description,
      ]),
    ]);
  });

  it.each(machines)('prints the %s as JSON, of which XState makes the same machine', async (id, machine) => {
    const again = createMachine(JSON.parse(await print(id, '--format', 'json')));
    expect(chartOf(again)).toEqual(chartOf(machine));
  });

  it.each(machines)('prints the %s as Mermaid, without a word about the form', async (id, machine) => {
    const text = await print(id);
    expect(await print(id, '--format', 'mermaid')).toBe(text);
    const { states } = await parsedMermaid(text);
    for (const { path } of chartOf(machine).states) expect(states).toContain(path.replaceAll('.', '_'));
  });

  it.each(machines)('prints the %s as SCXML with all states and transitions', async (id, machine) => {
    const { states, transitions } = readScxml(await print(id, '--format', 'scxml'));
    const chart = chartOf(machine);
    expect(states.map(({ path }) => path)).toEqual(chart.states.map(({ path }) => path));
    const count = (list: { from: string; event: string | null; to: string | null }[]) =>
      list.map(({ from, event, to }) => `${from} ${event} ${to}`).sort();
    expect(count(transitions)).toEqual(count(chart.transitions));
  });

  it('prints all of them as JSON or as a page, and those forms that hold one only for one', async () => {
    const configs = JSON.parse(await print('--format', 'json'));
    expect(configs.map(({ id }: { id: string }) => id)).toEqual(['session', 'queue']);
    expect(await print('--format', 'markdown')).toContain('## queue');
    for (const format of ['mermaid', 'scxml']) {
      const { exitCode, stderr } = await alone().run(['machines', '--format', format]);
      expect(exitCode).toBe(1);
      expect(stderr).toBe(`error: ${format} is for one machine at a time\nName one: session or queue.`);
    }
  });

  it('tells programs the charts, one with its literal, or a form as text', async () => {
    expect(await alone().data(['machines'])).toEqual(charts);
    expect(await alone().data(['machines', 'queue'])).toMatchObject({
      ...charts[1],
      config: { id: 'queue' },
    });
    const { text, ...rest } = await alone().data(['machines', 'queue', '--format', 'scxml']);
    expect(rest).toEqual({ id: 'queue', format: 'scxml' });
    expect(readScxml(text).root['name']).toBe('queue');
  });

  it('knows which there are, in its help, its refusals and at the TAB key', async () => {
    const { exitCode, stderr } = await alone().run(['machines', 'task']);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('Allowed choices are session, queue.')]);
    const complete = async (...words: string[]): Promise<string[]> => {
      const { json } = await alone().run(['--json', 'completion', 'suggest', '--', 'machines', ...words]);
      return json.data.map(({ value }: { value: string }) => value);
    };
    expect(await complete('')).toEqual(charts.map(({ id }) => id));
    expect(await complete('session', '--format', '')).toEqual(['json', 'mermaid', 'scxml', 'markdown']);
    expect(await print('--help')).toContain('maestro machines queue --format scxml');
  });
});
