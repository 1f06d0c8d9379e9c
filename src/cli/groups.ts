// The first words of all commands, and where each group lives. Descriptions stand here so that --help loads nothing.
import type { AddCommands } from './invocation.ts';

interface Group {
  /** What each first word is for. */
  words: Readonly<Record<string, string>>;
  load: () => Promise<AddCommands>;
}

export const groups: readonly Group[] = [
  {
    words: { serve: 'run the server' },
    load: async () => (await import('./serve.ts')).addServe,
  },
  {
    words: { host: 'run the agents of spawned sessions on this machine' },
    load: async () => (await import('./commands/host.ts')).addHost,
  },
  {
    words: { watch: 'sessions, queues and timelines, live' },
    load: async () => (await import('./commands/watch.ts')).addWatch,
  },
  {
    words: { status: 'how the server and the project stand' },
    load: async () => (await import('./commands/status.ts')).addStatus,
  },
  {
    words: { project: 'list, create, get, delete' },
    load: async () => (await import('./commands/project.ts')).addProject,
  },
  {
    words: { task: 'list, create, get, update, complete, block, delete, children, tree' },
    load: async () => (await import('./commands/task.ts')).addTask,
  },
  {
    words: { session: 'list, info, spawn, answer, delete, register, complete' },
    load: async () => (await import('./commands/session.ts')).addSession,
  },
  {
    words: { queue: 'top, start, complete, fail, skip, list, push, status' },
    load: async () => (await import('./commands/queue.ts')).addQueue,
  },
  {
    words: { report: 'progress, complete, blocked, error, needs-input' },
    load: async () => (await import('./commands/report.ts')).addReport,
  },
  {
    words: {
      update: 'old word for report progress',
      'update:progress': 'old word for report progress',
      'update:blocked': 'old word for report blocked',
      'update:needs-input': 'old word for report needs-input',
      'update:complete': 'old word for report complete',
      'update:error': 'old word for report error',
    },
    load: async () => (await import('./commands/report.ts')).addOldWords,
  },
  {
    words: { whoami: 'the assignment of the session that this is' },
    load: async () => (await import('./commands/whoami.ts')).addWhoami,
  },
  {
    words: { commands: 'what may be called here' },
    load: async () => (await import('./commands/commands.ts')).addCommandList,
  },
  {
    words: { 'track-file': 'tell that a file was changed (for hooks)' },
    load: async () => (await import('./commands/track-file.ts')).addTrackFile,
  },
  {
    words: { worker: 'init' },
    load: async () => (await import('./commands/init.ts')).addInit('worker'),
  },
  {
    words: { orchestrator: 'init' },
    load: async () => (await import('./commands/init.ts')).addInit('orchestrator'),
  },
  {
    words: { skill: 'list, info, validate, install' },
    load: async () => (await import('./commands/skill.ts')).addSkill,
  },
  {
    words: { machines: 'the statecharts of sessions and queues' },
    load: async () => (await import('./commands/machines.ts')).addMachines,
  },
  {
    words: { manifest: 'generate' },
    load: async () => (await import('./commands/manifest.ts')).addManifest,
  },
  {
    words: { completion: 'bash, zsh, fish: lets a shell complete commands' },
    load: async () => (await import('./commands/completion.ts')).addCompletion,
  },
];

/** Whether a group is needed for a command line whose first word is `called`; completion must know them all. */
export const isNeeded = ({ words }: Group, called: string | undefined): boolean =>
  called !== undefined && (Object.hasOwn(words, called) || called === 'completion');
