// Who may call what. A person at a terminal may call everything; what an agent may do follows from its manifest.
import type { Manifest } from '../../manifest/schema.ts';

/**
 * For whom a command is: every agent, orchestrators, agents that work through a queue. `machinery` is no agent's choice:
 * hooks, what starts agents, what serves them. It is always allowed, and agents are not told of it.
 */
type Right = 'everyone' | 'orchestrator' | 'queue' | 'machinery';

/** Every command that there is, by its full name. */
const rights: Record<string, Right> = {
  whoami: 'everyone',
  status: 'everyone',
  commands: 'everyone',
  'track-file': 'machinery',
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
  'task delete': 'orchestrator',
  'task tree': 'orchestrator',
  'session info': 'everyone',
  'session register': 'machinery',
  'session complete': 'machinery',
  'session answer': 'everyone',
  'session list': 'orchestrator',
  'session spawn': 'orchestrator',
  'session delete': 'orchestrator',
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
  'skill list': 'everyone',
  'skill info': 'everyone',
  'skill validate': 'everyone',
  'skill install': 'orchestrator',
  'manifest generate': 'machinery',
  'worker init': 'machinery',
  'orchestrator init': 'machinery',
  watch: 'orchestrator',
  machines: 'machinery',
  serve: 'machinery',
  host: 'machinery',
  'completion bash': 'machinery',
  'completion zsh': 'machinery',
  'completion fish': 'machinery',
  'completion suggest': 'machinery',
};

/** What decides about an agent's rights. */
export interface Agent {
  role: Manifest['role'];
  strategy: Manifest['strategy'];
  /** Names of commands, or of whole groups (`task`); in place of what the role would allow. */
  allowedCommands: readonly string[] | undefined;
}

/** The names of all commands. */
export const commandNames = Object.keys(rights);

/** An agent can always find out what it may do. */
export const isAlwaysAllowed = (name: string): boolean =>
  rights[name] === 'machinery' || name === 'whoami' || name === 'commands';

/** Whether an agent may run a command. */
export function isAllowed(name: string, agent: Agent): boolean {
  if (isAlwaysAllowed(name)) return true;
  if (agent.allowedCommands) {
    const [group = name] = name.split(' ');
    return agent.allowedCommands.includes(name) || agent.allowedCommands.includes(group);
  }
  switch (rights[name]) {
    case 'orchestrator':
      return agent.role === 'orchestrator';
    case 'queue':
      return agent.strategy === 'queue';
    default:
      return true;
  }
}

/** The names of what an agent may call by its own choice. */
export const commandsOf = (agent: Agent): string[] =>
  commandNames.filter((name) => rights[name] !== 'machinery' && isAllowed(name, agent));

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
