// `maestro machines`: the statecharts, as a list or in a form that other tools read. No server is asked. They are loaded
// when they are printed: xstate is nothing that another command, completion included, should wait for.
import { Argument, Option } from 'commander';
import type { Chart } from '../../domain/chart.ts';
import { usageError } from '../errors.ts';
import type { AddCommands } from '../invocation.ts';
import { table } from '../text.ts';

const ids = ['session', 'queue'] as const;
const formats = ['json', 'mermaid', 'scxml', 'markdown'] as const;
type Format = (typeof formats)[number];

export const addMachines: AddCommands = (program, act) => {
  program
    .command('machines')
    .description('the statecharts of sessions and queues')
    .addArgument(new Argument('[id]', 'one of them; without it there is a list').choices(ids))
    .addOption(new Option('--format <format>', 'for other tools; with an id it is mermaid').choices(formats))
    .addHelpText(
      'after',
      "\njson is what XState's createMachine and Stately's tools read, mermaid what GitHub draws, scxml the W3C's\n" +
        'form, markdown a page with all of it. json and markdown also go without an id, for all machines.\n' +
        '\nExamples:\n' +
        '  maestro machines\n' +
        '  maestro machines session\n' +
        '  maestro machines queue --format scxml > queue.scxml',
    )
    .action(
      act(async ({ output }, id: string | undefined, { format }: { format?: Format }) => {
        const { charts, configOf } = await import('../../charts/machines.ts');
        const chosen = charts.filter((chart) => id === undefined || chart.id === id);
        if (format === undefined && id === undefined) return { data: charts, text: listOf(charts) };
        if (format === undefined && output.json)
          return { data: chosen.map((chart) => ({ ...chart, config: configOf(chart.id) }))[0], text: '' };
        const form = format ?? 'mermaid';
        const text = await written(chosen, id, form);
        return { data: { id: id ?? null, format: form, text }, text };
      }),
    );
};

const listOf = (charts: readonly Chart[]): string =>
  table(
    ['machine', 'states', 'transitions', 'description'],
    charts.map(({ id, states, transitions, description }) => [
      id,
      String(states.length),
      String(transitions.length),
      description,
    ]),
    '',
  );

/** @throws CliError USAGE_ERROR when there are several and the format is for one */
async function written(charts: readonly Chart[], id: string | undefined, format: Format): Promise<string> {
  switch (format) {
    case 'json': {
      const { configOf } = await import('../../charts/machines.ts');
      const configs = charts.map((chart) => configOf(chart.id));
      return JSON.stringify(id === undefined ? configs : configs[0], null, 2);
    }
    case 'markdown':
      return (await import('../../charts/markdown.ts')).markdownOf(charts);
    case 'mermaid':
      return (await import('../../charts/mermaid.ts')).mermaidOf(only(charts, format));
    case 'scxml':
      return (await import('../../charts/scxml.ts')).scxmlOf(only(charts, format));
  }
}

function only(charts: readonly Chart[], format: Format): Chart {
  const [chart, another] = charts;
  if (chart && !another) return chart;
  throw usageError(`${format} is for one machine at a time`, `Name one: ${ids.join(' or ')}.`);
}
