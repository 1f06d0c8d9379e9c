// `maestro watch`: sessions, queues and timelines as they go on, until it is stopped: on a terminal as a board that is
// drawn in place, else as lines.
import { exitCodes } from '../errors.ts';
import type { AddCommands } from '../invocation.ts';

export const addWatch: AddCommands = (program, act) => {
  program
    .command('watch')
    .description('sessions, queues and timelines, live; with --project those of one project')
    .addHelpText(
      'after',
      '\nOn a terminal it is a board, with those first that need a person. Its keys: up and down (or k and j) select,\n' +
        'Enter opens a session, a answers its question, Esc or left goes back, q quits. Piped or with --json it prints\n' +
        'a line for each fact.',
    )
    .action(
      act(async (invocation) => {
        const stopping = new AbortController();
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
          process.on(signal, () => stopping.abort());
        if (!invocation.output.json && hasScreen())
          await (await import('../watch/live.ts')).watchLive(invocation, stopping);
        else await (await import('../watch/plain.ts')).watchPlain(invocation, stopping.signal);
        process.exit(exitCodes.ok);
      }),
    );
};

/** Whether there is a terminal that can be drawn on and typed at. */
const hasScreen = (): boolean =>
  process.stdout.isTTY && process.stdin.isTTY && process.env['TERM'] !== 'dumb';
