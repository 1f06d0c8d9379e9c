// Servers as processes of their own, on data of their own.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @param {string} path below bench/ */
export const fileAt = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/**
 * @typedef {object} Running
 * @property {string} url
 * @property {number} startMs from the start of the process until it said where it listens
 * @property {() => {now: number, peak: number}} memory in bytes; NaN where the system does not tell
 * @property {() => number} cpuMs what it has used of the processors; NaN where the system does not tell
 * @property {() => Promise<void>} stop
 */

/**
 * @param {string} script below bench/
 * @param {Record<string, string>} env
 * @param {string[]} flags of Node
 * @returns {Promise<Running>}
 */
export async function start(script, env = {}, flags = []) {
  const began = performance.now();
  const child = spawn(process.execPath, [...flags, fileAt(script)], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  let said = '';
  for await (const data of child.stdout) {
    said += String(data);
    const url = /listens on (http:[^\s"]+)/.exec(said)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    const startMs = performance.now() - began;
    const { pid } = child;
    return { url, startMs, memory: () => memoryOf(pid), cpuMs: () => cpuMsOf(pid), stop };
  }
  throw new Error(`${script} did not start: ${said}`);
}

/** @param {number | undefined} pid */
function memoryOf(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const of = (/** @type {string} */ what) =>
      Number(new RegExp(`^${what}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
    return { now: of('VmRSS'), peak: of('VmHWM') };
  } catch {
    return { now: Number.NaN, peak: Number.NaN };
  }
}

/** In user mode and in the kernel, as Linux counts it: in hundredths of a second. @param {number | undefined} pid */
function cpuMsOf(pid) {
  try {
    const [, , , , , , , , , , , user, kernel] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return 10 * (Number(user) + Number(kernel));
  } catch {
    return Number.NaN;
  }
}

/**
 * The built server.
 * @param {string} folder
 * @param {Record<string, string>} env
 * @param {string[]} flags
 */
export const startMaestro = (folder, env = {}, flags = []) =>
  start(
    '../dist/main.js',
    {
      PORT: '0',
      HOME: folder,
      DATA_DIR: join(folder, 'data'),
      SESSION_DIR: join(folder, 'sessions'),
      SKILLS_DIR: join(folder, 'skills'),
      MANIFEST_GENERATOR: 'server',
      ...env,
    },
    flags,
  );

/**
 * Calls `work` with a folder that is gone afterwards.
 * @template T
 * @param {(folder: string) => Promise<T>} work
 */
export async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'maestro-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * What a script prints, as a number.
 * @param {string} script below bench/
 * @param {string[]} args
 */
export const printedBy = (script, ...args) =>
  Number(execFileSync(process.execPath, [fileAt(script), ...args], { encoding: 'utf8' }));

/** How long a piece of code takes in a process of its own, from its start to its end, in milliseconds. @param {string} code */
export function durationOf(code) {
  const began = performance.now();
  execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: fileAt('..') });
  return performance.now() - began;
}
