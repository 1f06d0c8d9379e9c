// Stands in for an agent: a small program that a test writes, run in place of `claude`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * MAESTRO_AGENT_CMD for a program.
 * @param source JavaScript; `maestro(...args)` in it runs the command that is first on the PATH
 */
export function agentCommand(folder: string, source: string): string {
  const path = join(folder, `agent-${Math.random().toString(36).slice(2)}.cjs`);
  const head = `const { execFileSync } = require('node:child_process');
const maestro = (...args) => execFileSync('maestro', args, { encoding: 'utf8' });
`;
  writeFileSync(path, head + source);
  return `"${process.execPath}" '${path}'`;
}
