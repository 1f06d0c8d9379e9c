// What is started as the agent of a session, and what it finds in its environment.
import type { Manifest } from '../../manifest/schema.ts';
import type { Environment } from '../environment.ts';
import { childEnvironment } from './child-environment.ts';
import type { Launch } from './launch.ts';
import { splitCommand } from './split-command.ts';

const firstSentence =
  'Run `maestro whoami` first: it prints your assignment, and how to report on it. Then carry it out.';

/** @throws CliError USAGE_ERROR when MAESTRO_AGENT_CMD cannot be read as a command */
export function agentLaunch(manifest: Manifest, environment: Environment): Launch {
  const { model, workingDirectory } = manifest.session;
  const [command, ...args] =
    environment.agentCommand === undefined
      ? (['claude', '--model', model, firstSentence] as const)
      : splitCommand(environment.agentCommand);
  return {
    command,
    args,
    folder: workingDirectory ?? process.cwd(),
    environment: childEnvironment({ ...whereabouts(manifest, environment), ...assignmentOf(manifest) }),
  };
}

/** The variables by which a `maestro` inside the agent finds its server, session and rights. */
function whereabouts(manifest: Manifest, environment: Environment): Record<string, string> {
  const { serverUrl, sessionId, projectId, manifestPath, strategy } = environment;
  const { tasks, role } = manifest;
  return {
    MAESTRO_API_URL: serverUrl,
    MAESTRO_SERVER_URL: serverUrl,
    MAESTRO_PROJECT_ID: projectId ?? tasks[0]?.projectId ?? '',
    MAESTRO_SESSION_ID: sessionId ?? '',
    MAESTRO_TASK_IDS: tasks.map((task) => task.id).join(','),
    MAESTRO_STRATEGY: strategy ?? manifest.strategy,
    MAESTRO_ROLE: role,
    MAESTRO_MANIFEST_PATH: manifestPath ?? '',
  };
}

/** The first task, and all of them; lists are JSON. */
function assignmentOf({ tasks }: Manifest): Record<string, string> {
  const [first] = tasks;
  return {
    MAESTRO_TASK_TITLE: first?.title ?? '',
    MAESTRO_TASK_PRIORITY: first?.priority ?? '',
    MAESTRO_TASK_ACCEPTANCE: JSON.stringify(first?.acceptanceCriteria ?? []),
    MAESTRO_TASK_DEPENDENCIES: JSON.stringify(first?.dependencies ?? []),
    MAESTRO_ALL_TASKS: JSON.stringify(tasks),
  };
}
