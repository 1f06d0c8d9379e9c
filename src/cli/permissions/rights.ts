// Who may call what. A person at a terminal may call everything; what an agent may do follows from its manifest.
import type { Manifest } from '../../manifest/schema.ts';

/** For whom a command is: every agent, orchestrators, agents that work through a queue. */
type Right = 'everyone' | 'orchestrator' | 'queue';

/** Every command that there is, by its full name. */
const rights: Record<string, Right> = {
  whoami: 'everyone',
  status: 'everyone',
  commands: 'everyone',
  'track-file': 'everyone',
  'project list': 'orchestrator',
  'project create': 'orchestrator',
  'project get': 'orchestrator',
  'project delete': 'orchestrator',
  'task list': 'everyone',
  'task create': 'everyone',
  'task get': 'everyone',
  'task children': 'everyone',
  'task update': 'orchestrator',
  'task complete': 'orchestrator',
  'task block': 'orchestrator',
  'task tree': 'orchestrator',
  'session info': 'everyone',
  'session register': 'everyone',
  'session complete': 'everyone',
  'session answer': 'everyone',
  'session list': 'orchestrator',
  'session spawn': 'orchestrator',
  'queue top': 'queue',
  'queue start': 'queue',
  'queue complete': 'queue',
  'queue fail': 'queue',
  'queue skip': 'queue',
  'queue list': 'queue',
  'queue push': 'queue',
  'queue status': 'queue',
  'report progress': 'everyone',
  'report complete': 'everyone',
  'report blocked': 'everyone',
  'report error': 'everyone',
  'report needs-input': 'everyone',
  'manifest generate': 'everyone',
  'worker init': 'everyone',
  'orchestrator init': 'everyone',
  serve: 'everyone',
  host: 'everyone',
};

/** An agent can always find out what it may do; its hooks and its own start are no choice of its. */
const always = new Set([
  'whoami',
  'commands',
  'session register',
  'session complete',
  'track-file',
  'worker init',
  'orchestrator init',
  'manifest generate',
]);

/** What decides about an agent's rights. */
export interface Agent {
  role: Manifest['role'];
  strategy: Manifest['strategy'];
  /** Names of commands, or of whole groups (`task`); in place of what the role would allow. */
  allowedCommands: readonly string[] | undefined;
}

/** The names of all commands. */
export const commandNames = Object.keys(rights);

/** @param agent null for a person */
export function isAllowed(name: string, agent: Agent | null): boolean {
  if (agent === null || always.has(name)) return true;
  if (agent.allowedCommands) {
    const [group = name] = name.split(' ');
    return agent.allowedCommands.includes(name) || agent.allowedCommands.includes(group);
  }
  const right = rights[name];
  if (right === 'orchestrator') return agent.role === 'orchestrator';
  if (right === 'queue') return agent.strategy === 'queue';
  return true;
}

const oldWords: Record<string, string> = {
  update: 'report progress',
  'update:progress': 'report progress',
  'update:blocked': 'report blocked',
  'update:error': 'report error',
  'update:complete': 'report complete',
  'update:needs-input': 'report needs-input',
};

/** A command's name of today. */
export const presentName = (name: string): string => oldWords[name] ?? name;
