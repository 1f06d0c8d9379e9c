// Hooks run inside an agent, and must not break it: a server that is away is no failure for them.
import type { Told } from './output.ts';
import { isServerAway } from './refusals.ts';

/**
 * Tells the server something, if it is there.
 * @param data what --json shows, with `delivered` beside it
 * @throws CliError for a refusal; a lost connection, or a server in trouble, is told and passed over
 */
export async function toldByHook(data: object, text: string, tell: () => Promise<unknown>): Promise<Told> {
  try {
    await tell();
    return { data: { ...data, delivered: true }, text };
  } catch (thrown) {
    if (!isServerAway(thrown)) throw thrown;
    const { message } = thrown;
    return {
      data: { ...data, delivered: false, message },
      text: `The server was not told: ${message}`,
      aside: true,
    };
  }
}
