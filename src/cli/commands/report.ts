// `maestro report …`, and the same in the old words `maestro update:…`.
import type { Command } from 'commander';
import { splitList } from '../environment.ts';
import { requireSession, type Act, type AddCommands } from '../invocation.ts';
import { awaitAnswer } from '../reports/await-answer.ts';
import { report, type Kind } from '../reports/report.ts';

interface ReportOptions {
  task?: string;
  wait?: boolean;
}

export const addReport: AddCommands = (program, act) => {
  const group = program
    .command('report')
    .description('tell how the work goes')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  maestro report progress "12 of 30 files are read"\n' +
        '  maestro report complete "All tests pass" --task task_1\n' +
        '  maestro report needs-input "Which database?" --wait',
    );
  addOne(group.command('progress <message>').description('a step is done'), 'progress', act);
  addOne(group.command('complete [summary]').description('the work is done'), 'complete', act);
  addOne(group.command('blocked <reason>').description('something is in the way'), 'blocked', act);
  addOne(group.command('error <description>').description('something has failed'), 'error', act);
  addQuestion(group.command('needs-input <question>').description('somebody else must decide'), act);
};

/** The names of the same reports in older prompts and hooks. */
export const addOldWords: AddCommands = (program, act) => {
  const old = (usage: string, word: string) =>
    program.command(usage).description(`old word for report ${word}`);
  addOne(old('update <message>', 'progress'), 'progress', act);
  addOne(old('update:progress <message>', 'progress'), 'progress', act);
  addOne(old('update:complete [summary]', 'complete'), 'complete', act);
  addOne(old('update:blocked <reason>', 'blocked'), 'blocked', act);
  addOne(old('update:error <description>', 'error'), 'error', act);
  addQuestion(old('update:needs-input <question>', 'needs-input'), act);
};

const taskOption = ['--task <ids>', 'the tasks it is about, with commas between them'] as const;

function addOne(command: Command, kind: Kind, act: Act): void {
  command.option(...taskOption).action(
    act(async (invocation, message: string | undefined, { task = '' }: ReportOptions) => {
      const sessionId = requireSession(invocation);
      const reported = await report(invocation.client, {
        sessionId,
        kind,
        message,
        taskIds: splitList(task),
      });
      return { data: reported, text: 'Reported.' };
    }),
  );
}

function addQuestion(command: Command, act: Act): void {
  command
    .option(...taskOption)
    .option('--wait', 'wait for the answer and print it')
    .action(
      act(async (invocation, message: string, { task = '', wait }: ReportOptions) => {
        const { client, output } = invocation;
        const sessionId = requireSession(invocation);
        const taskIds = splitList(task);
        const reported = await report(client, { sessionId, kind: 'needs-input', message, taskIds });
        if (wait !== true) return { data: reported, text: 'Reported.' };
        output.note(`Waiting for the answer: maestro session answer ${sessionId} <text>`);
        const answer = await awaitAnswer(invocation, sessionId, reported.entryIds);
        return { data: { ...reported, answer }, text: answer };
      }),
    );
}
