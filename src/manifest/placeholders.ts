// A template's placeholders: what they are called, what stands for them in a session, and how they are filled in.
import type { Strategy } from '../domain/session.ts';
import type { Manifest, ManifestTask } from './schema.ts';

/** `${NAME}` and `{{NAME}}` mean the same. */
const placeholder = /\$\{(\w+)\}|\{\{(\w+)\}\}/g;

/**
 * The template with its placeholders replaced, in one pass: what a value holds is never filled again. A placeholder
 * without a value is left as it is.
 */
export const fillPlaceholders = (content: string, values: Readonly<Record<string, string>>): string =>
  content.replace(placeholder, (asWritten: string, dollar?: string, braces?: string) => {
    const name = dollar ?? braces ?? '';
    return Object.hasOwn(values, name) ? (values[name] ?? asWritten) : asWritten;
  });

export interface PlaceholderSource {
  manifest: Manifest;
  sessionId: string;
  /** The session's own strategy (MAESTRO_STRATEGY): a manifest calls `tree` simple. */
  strategy?: Strategy | undefined;
}

/** A value for every placeholder that there is. `TASK_…` and `ACCEPTANCE_CRITERIA` speak of the first task. */
export function placeholderValues({ manifest, sessionId, strategy = manifest.strategy }: PlaceholderSource) {
  const { tasks } = manifest;
  const { custom } = manifest.context;
  const [first] = tasks;
  return {
    TASK_ID: first?.id ?? '',
    TASK_TITLE: first?.title ?? '',
    TASK_DESCRIPTION: first?.description ?? '',
    TASK_PRIORITY: first?.priority ?? '',
    ACCEPTANCE_CRITERIA: bullets(first?.acceptanceCriteria ?? []),
    ALL_TASKS: tasks.map(taskText).join('\n\n'),
    CODEBASE_CONTEXT: text(custom['codebaseContext']),
    RELATED_TASKS: text(custom['relatedTasks']),
    PROJECT_STANDARDS: text(custom['projectStandards']),
    STRATEGY_INSTRUCTIONS: strategyInstructions[strategy],
    PROJECT_NAME: projectName(custom['project']),
    TASK_COUNT: String(tasks.length),
    STRATEGY: strategy,
    SESSION_ID: sessionId,
  } satisfies Record<string, string>;
}

const strategyInstructions: Record<Strategy, string> = {
  simple:
    'Do the tasks one after another, in the order given; one that depends on another comes after it. ' +
    'Report on each of them with its id, and report the session complete when all of them are done.',
  queue:
    'Your tasks wait in a queue, first in, first out. Take the next one with `maestro queue start`, do it, and end it ' +
    'with `maestro queue complete` or `maestro queue fail "<reason>"` before you take another. ' +
    'Tasks may be added while you work; stop when `maestro queue top` says that nothing waits.',
  tree:
    'Each task is the root of a tree: see what is below it with `maestro task children <id> --recursive`. ' +
    'Work from the leaves up, so that a task is done only after all of its children, and respect dependencies.',
};

const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

function taskText(task: ManifestTask, index: number): string {
  const dependencies = task.dependencies.length > 0 ? `\nDepends on: ${task.dependencies.join(', ')}` : '';
  const description = task.description === '' ? '' : `\n${task.description}`;
  return (
    `${index + 1}. ${task.title} (id ${task.id}, priority ${task.priority})${description}${dependencies}\n` +
    `Done when:\n${bullets(task.acceptanceCriteria)}`
  );
}

/** Text as it is; whatever else a spawn's context holds, as JSON. */
function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

function projectName(project: unknown): string {
  if (typeof project !== 'object' || project === null || !('name' in project)) return '';
  return text(project.name);
}
