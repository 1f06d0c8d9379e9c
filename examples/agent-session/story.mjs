// @ts-check
// One agent session from the first command to its result, with the server killed in the middle. Everything is real:
// the built server, the terminal host, the `maestro` command, an agent that works on this repository.
import { fileURLToPath } from 'node:url';
import { repository, Stage } from '../support/stage.mjs';

const ended = new Set(['completed', 'failed', 'stopped']);
const agent = fileURLToPath(new URL('agent.mjs', import.meta.url));

/**
 * Plays the story.
 * @param {Omit<import('../support/stage.mjs').StageOptions, 'agent'>} options
 * @returns {Promise<{session: any, task: any, facts: import('../support/fact-log.mjs').Fact[]}>} the session and the
 *   task as the server shows them at the end, and every fact that the watcher heard.
 */
export async function playStory({ folder, tell }) {
  const stage = await Stage.open({ folder, tell, agent });
  try {
    const project = await stage.maestro('project', 'create', 'Maestro Server', '--dir', repository);
    const title = 'Count the lines of each folder and report the three largest';
    const task = await stage.maestro('--project', project.id, 'task', 'create', title);
    const { sessionId } = await stage.maestro('--project', project.id, 'session', 'spawn', '--task', task.id);
    tell(`spawned ${sessionId}`);

    await stage.log.until((fact) => hasEntry(fact, sessionId, /listing the files/));
    await stage.crash();

    await stage.log.until((fact) => fact.data?.id === sessionId && fact.data.needsInput?.active === true);
    tell('the agent asks; answering no');
    await stage.maestro('session', 'answer', sessionId, 'no');
    await stage.log.until((fact) => fact.data?.id === sessionId && ended.has(fact.data.status));

    return {
      session: await stage.get(`/api/sessions/${sessionId}`),
      task: await stage.get(`/api/tasks/${task.id}`),
      facts: stage.log.facts,
    };
  } finally {
    await stage.close();
  }
}

/**
 * @param {import('../support/fact-log.mjs').Fact} fact
 * @param {string} sessionId
 * @param {RegExp} message
 */
function hasEntry(fact, sessionId, message) {
  /** @type {{message?: string}[]} */
  const timeline = fact.data?.id === sessionId ? (fact.data.timeline ?? []) : [];
  return timeline.some((entry) => message.test(entry.message ?? ''));
}
