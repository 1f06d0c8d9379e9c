import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { groups } from '../../src/cli/groups.ts';
import type { Act } from '../../src/cli/invocation.ts';
import { agentOf } from '../../src/cli/permissions/check.ts';
import {
  commandNames,
  commandsOf,
  isAllowed,
  presentName,
  type Agent,
} from '../../src/cli/permissions/rights.ts';
import { temporaryFolder } from '../support/folder.ts';

const worker: Agent = { role: 'worker', strategy: 'simple', allowedCommands: undefined };
const orchestrator: Agent = { ...worker, role: 'orchestrator' };
const queueWorker: Agent = { ...worker, strategy: 'queue' };

describe('what an agent may call', () => {
  it.each([
    'task update',
    'task complete',
    'task block',
    'task tree',
    'session list',
    'session spawn',
    'project list',
    'project create',
    'project get',
    'project delete',
  ])('keeps `%s` for orchestrators', (name) => {
    expect(isAllowed(name, worker)).toBe(false);
    expect(isAllowed(name, queueWorker)).toBe(false);
    expect(isAllowed(name, orchestrator)).toBe(true);
  });

  it('keeps the queue for agents with strategy queue', () => {
    const queue = commandNames.filter((name) => name.startsWith('queue '));
    expect(queue).toHaveLength(8);
    expect(queue.filter((name) => isAllowed(name, worker) || isAllowed(name, orchestrator))).toEqual([]);
    expect(queue.filter((name) => isAllowed(name, queueWorker))).toEqual(queue);
  });

  it('follows session.allowedCommands in place of the role, by command or group', () => {
    const agent = { ...worker, allowedCommands: ['task', 'report progress'] };
    expect(isAllowed('task complete', agent)).toBe(true);
    expect(isAllowed('report progress', agent)).toBe(true);
    expect(isAllowed('report complete', agent)).toBe(false);
    expect(isAllowed('status', agent)).toBe(false);
  });

  it('never refuses its hooks, its start, or the question what is allowed', () => {
    const agent = { ...worker, allowedCommands: [] };
    const always = [
      'whoami',
      'commands',
      'session register',
      'session complete',
      'track-file',
      'worker init',
    ];
    for (const name of always) expect(isAllowed(name, agent)).toBe(true);
    expect(commandsOf(agent)).toEqual(['whoami', 'commands']);
  });

  it('gives the least rights to an agent whose manifest cannot be read, and all to a person', async () => {
    const manifestPath = join(temporaryFolder(), 'manifest.json');
    expect(await agentOf({ manifestPath })).toEqual(worker);
    writeFileSync(manifestPath, '{"role": "orchestrator"}');
    expect(await agentOf({ manifestPath })).toEqual(worker);
    expect(await agentOf({ manifestPath: undefined })).toBeNull();
  });
});

describe('the table of rights', () => {
  it('names every command that there is, and no other', async () => {
    const program = new Command('maestro');
    const act: Act = () => () => Promise.resolve();
    for (const { load } of groups) (await load())(program, act);
    const found = program.commands.flatMap((command) => leavesOf(command, command.name()));
    expect([...new Set(found.map(presentName))].sort()).toEqual([...commandNames].sort());
  });

  it('stands beside descriptions of the same first words', async () => {
    for (const { words, load } of groups) {
      const program = new Command('maestro');
      (await load())(program, () => () => Promise.resolve());
      expect(program.commands.map((command) => command.name()).sort()).toEqual(Object.keys(words).sort());
    }
  });
});

const leavesOf = (command: Command, name: string): string[] =>
  command.commands.length === 0
    ? [name]
    : command.commands.flatMap((sub) => leavesOf(sub, `${name} ${sub.name()}`));
