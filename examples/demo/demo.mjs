// @ts-check
// Several agents at work on this repository, side by side: a backlog, one simple session and two queues. A watcher
// answers the questions that the backlog has answers to.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { repository, Stage } from '../support/stage.mjs';

const agent = fileURLToPath(new URL('agent.mjs', import.meta.url));
const ended = new Set(['completed', 'failed', 'stopped']);

/**
 * @typedef {{title: string, command: string, ask?: string, answer?: string}} BacklogTask
 * @typedef {{name: string, strategy: string, tasks: BacklogTask[]}} BacklogSession
 * @typedef {{task: any, outcome: string, seconds: number | null, reason: string, result: string}} Outcome
 * @typedef {{session: any, outcomes: Outcome[]}} Played
 */

/** @type {{sessions: BacklogSession[]}} */
const backlog = JSON.parse(readFileSync(new URL('backlog.json', import.meta.url), 'utf8'));

/**
 * Plays the demo.
 * @param {Omit<import('../support/stage.mjs').StageOptions, 'agent'> & {crashes?: number}} options `crashes`: how often
 *   the server is killed in the middle
 * @returns {Promise<{played: Played[], facts: import('../support/fact-log.mjs').Fact[]}>}
 */
export async function playDemo({ folder, tell, crashes = 0 }) {
  const stage = await Stage.open({ folder, tell, agent });
  const stopAnswering = answerQuestions(stage, tell);
  try {
    const project = await stage.maestro('project', 'create', 'Maestro Server', '--dir', repository);
    /** @type {string[]} */
    const sessionIds = [];
    for (const session of backlog.sessions) sessionIds.push(await spawnSession(stage, project.id, session));

    for (let crash = 1; crash <= crashes; crash += 1) {
      const outcomes = crash * 2;
      await stage.log.until(() => stage.log.facts.filter(isOutcome).length >= outcomes);
      await stage.crash();
    }
    for (const id of sessionIds)
      await stage.log.until(
        ({ type, data }) => type === 'session:updated' && data.id === id && ended.has(data.status),
      );

    /** @type {Played[]} */
    const played = [];
    for (const id of sessionIds) played.push(await resultsOf(stage, id));
    return { played, facts: stage.log.facts };
  } finally {
    await stopAnswering();
    await stage.close();
  }
}

/** @param {import('../support/fact-log.mjs').Fact} fact */
const isOutcome = ({ type }) => type === 'queue:item_completed' || type === 'queue:item_failed';

/**
 * @param {Stage} stage
 * @param {string} projectId
 * @param {BacklogSession} session
 * @returns {Promise<string>} the session's id
 */
async function spawnSession(stage, projectId, { name, strategy, tasks }) {
  /** @type {string[]} */
  const chosen = [];
  for (const { title, command, ask } of tasks) {
    const prompt = `${ask === undefined ? '' : `? ${ask}\n`}$ ${command}`;
    const task = await stage.maestro('--project', projectId, 'task', 'create', title, '--prompt', prompt);
    chosen.push('--task', task.id);
  }
  const words = ['session', 'spawn', ...chosen, '--strategy', strategy, '--name', name];
  const { sessionId } = await stage.maestro('--project', projectId, ...words);
  return sessionId;
}

/**
 * Answers what agents ask, from the backlog.
 * @param {Stage} stage
 * @param {(line: string) => void} tell
 * @returns {() => Promise<void>} the undo; it waits for answers that are under way
 */
function answerQuestions(stage, tell) {
  const answers = new Map(
    backlog.sessions.flatMap(({ tasks }) => tasks.map(({ ask, answer }) => [ask, answer])),
  );
  /** @type {Set<string>} */
  const answered = new Set();
  /** @type {Promise<unknown>[]} */
  const underWay = [];
  const stop = stage.log.listen(({ type, data }) => {
    const question = type === 'session:updated' ? data.needsInput : undefined;
    if (!question?.active || answered.has(question.entryId)) return;
    answered.add(question.entryId);
    const answer = answers.get(question.message) ?? 'yes';
    tell(`"${question.message}" is answered with ${answer}`);
    underWay.push(stage.maestro('session', 'answer', data.id, answer).catch((error) => tell(String(error))));
  });
  return async () => {
    stop();
    await Promise.all(underWay);
  };
}

/**
 * What became of each task, read from the session's timeline and queue.
 * @param {Stage} stage
 * @param {string} id
 * @returns {Promise<Played>}
 */
async function resultsOf(stage, id) {
  const session = await stage.get(`/api/sessions/${id}`);
  const queue =
    session.strategy === 'queue' ? await stage.get(`/api/sessions/${id}/queue/items`) : { items: [] };
  /** @type {Outcome[]} */
  const outcomes = [];
  for (const taskId of session.taskIds) {
    const task = await stage.get(`/api/tasks/${taskId}`);
    const item = queue.items.find((/** @type {{taskId: string}} */ each) => each.taskId === taskId);
    const entries = session.timeline.filter((/** @type {any} */ entry) => entry.taskId === taskId);
    const told = entries.filter((/** @type {any} */ entry) =>
      ['progress', 'task_completed', 'error'].includes(entry.type),
    );
    const result = told.find(
      (/** @type {any} */ entry) => !entry.message?.startsWith('Task ') && !entry.metadata?.answerTo,
    );
    const [begun, over] = item
      ? [item.startedAt, item.completedAt]
      : [session.startedAt, session.completedAt];
    const seconds = begun && over ? (over - begun) / 1000 : null;
    outcomes.push({
      task,
      outcome: item?.status ?? task.sessionStatus,
      seconds,
      reason: item?.failReason ?? '',
      result: result?.message ?? '',
    });
  }
  return { session, outcomes };
}
