// `maestro watch` for logs and programs: the sessions as they stand, then a line for each fact.
import { z } from 'zod';
import { listen, type Message } from '../connection.ts';
import type { Invocation } from '../invocation.ts';
import { summariesPath } from '../paths.ts';
import { table } from '../text.ts';
import { SessionView } from '../views.ts';
import { FactLines } from './lines.ts';

/** @throws CliError when the server refuses us for good */
export async function watchPlain(invocation: Invocation, signal: AbortSignal): Promise<void> {
  const { environment, flags, output } = invocation;
  const lines = new FactLines();
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const { serverUrl: url, credentials } = environment;
  const onTerminal = (text: string): void => {
    if (!output.json) say(text);
  };
  await listen(
    { url, credentials, projectId: flags.project, topics: 'queue' },
    {
      opened: () => {
        board(invocation, lines).then(onTerminal, () => undefined); // The next connection shows it.
      },
      heard: (message) => {
        if (output.json) say(JSON.stringify(message));
        else for (const text of lines.of(message)) say(`${timeOf(message)}  ${text}`);
      },
      lost: (why) => output.warn(`not connected to ${url} (${why}); it is tried again`),
    },
    signal,
  );
}

/** The sessions that have not ended, as they stand now. */
async function board({ client, flags }: Invocation, lines: FactLines): Promise<string> {
  const path = summariesPath({ projectId: flags.project, active: 'true' });
  const sessions = await client.get(path, z.array(SessionView));
  for (const { id, name } of sessions) lines.name(id, name);
  const rows = sessions.map(({ id, name, status, strategy, needsInput }) => [
    name,
    needsInput?.active ? 'needs_input' : status,
    strategy,
    id,
  ]);
  return table(['session', 'status', 'strategy', 'id'], rows, 'No session is live. Waiting for facts…');
}

const timeOf = ({ timestamp }: Message): string =>
  new Date(timestamp ?? Date.now()).toLocaleTimeString('en-GB', { hour12: false });
