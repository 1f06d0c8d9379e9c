#!/usr/bin/env node
// @ts-check
// An agent in sixty lines: it does one real task in the folder it was started in (a git repository), and reports
// through the `maestro` command as Claude Code would. Start it through MAESTRO_AGENT_CMD.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * Runs the `maestro` command, which a terminal host has put on the PATH.
 * @param {string[]} words
 * @returns {any} the data that it answers with.
 */
function maestro(...words) {
  const output = execFileSync('maestro', ['--json', ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output).data;
}

/** The files of this repository, as git knows them, as far as they are there. */
function listFiles() {
  return execFileSync('git', ['ls-files'], { encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && existsSync(file));
}

/**
 * Lines of text by folder, largest first; `src/` and `tests/` are told apart by their rooms.
 * @param {string[]} files
 * @returns {[string, number][]}
 */
function countByFolder(files) {
  /** @type {Map<string, number>} */
  const lines = new Map();
  for (const file of files) {
    const parts = file.split('/');
    const folder = parts.slice(0, Math.min(2, parts.length - 1)).join('/') || '.';
    const count = readFileSync(file, 'utf8').split('\n').length - 1;
    lines.set(folder, (lines.get(folder) ?? 0) + count);
  }
  return [...lines].sort((a, b) => b[1] - a[1]);
}

const assignment = maestro('whoami');
maestro('report', 'progress', `I am session ${assignment.sessionId}; listing the files`);

const files = listFiles();
maestro('report', 'progress', `${files.length} files found, counting their lines`);

const answer = maestro('report', 'needs-input', 'Shall lock files be counted, too? (yes or no)', '--wait');
const counted = answer.answer === 'yes' ? files : files.filter((file) => !file.endsWith('package-lock.json'));

const largest = countByFolder(counted).slice(0, 3);
const result = largest.map(([folder, lines]) => `${folder}: ${lines}`).join(', ');
const tasks = assignment.tasks.map((/** @type {{id: string}} */ task) => task.id).join(',');
maestro('report', 'complete', '--task', tasks, `The three largest folders by lines are ${result}`);
