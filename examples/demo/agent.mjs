// @ts-check
// The demo's agent. It does what Claude Code would be told to do, with the same commands: it reads its assignment, runs
// what each task asks for, reports, asks when it must, and goes on with the next task of its queue.
import { spawnSync } from 'node:child_process';

/** Of a command's output this much is reported. */
const REPORTED = 1_500;

/**
 * @param {string[]} words
 * @returns {any} the data that the `maestro` command answers with.
 */
function maestro(...words) {
  const { status, signal, stdout } = spawnSync('maestro', ['--json', ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`maestro ${words.join(' ')}: ended with ${status ?? signal}\n${stdout}`);
  return JSON.parse(stdout).data;
}

/**
 * Runs the task's command in the project's folder.
 * @param {{id: string, initialPrompt: string}} task its prompt: `? question` and `$ command`, a line each
 * @returns {{ok: boolean, output: string}}
 */
function work({ id, initialPrompt }) {
  const lines = initialPrompt.split('\n');
  const command = lines.find((line) => line.startsWith('$ '))?.slice(2) ?? 'false';
  const question = lines.find((line) => line.startsWith('? '))?.slice(2);
  const answer =
    question === undefined ? '' : maestro('report', 'needs-input', question, '--task', id, '--wait').answer;
  const { status, stdout, stderr } = spawnSync(command.replace('{answer}', answer), {
    shell: true,
    encoding: 'utf8',
    timeout: 120_000,
  });
  const output = `${stdout}${stderr}`.trim().slice(0, REPORTED);
  return { ok: status === 0, output: output || `ended with ${status ?? 'a signal'}` };
}

function workThroughQueue() {
  while (maestro('queue', 'top').hasMore) {
    const { item } = maestro('queue', 'start');
    const { ok, output } = work(maestro('task', 'get', item.taskId));
    maestro('report', 'progress', output, '--task', item.taskId);
    if (ok) maestro('queue', 'complete');
    else maestro('queue', 'fail', output);
  }
}

/** @param {{id: string}[]} tasks */
function workThrough(tasks) {
  for (const { id } of tasks) {
    const { ok, output } = work(maestro('task', 'get', id));
    maestro('report', ok ? 'complete' : 'error', output, '--task', id);
  }
}

const assignment = maestro('whoami');
if (process.env['MAESTRO_STRATEGY'] === 'queue') workThroughQueue();
else workThrough(assignment.tasks);
