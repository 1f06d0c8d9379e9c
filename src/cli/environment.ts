// Where a command finds its server, project and session: flags, then the process's environment, then
// `~/.maestro/config`. Ids, and nothing but ids, are also taken from the `.env` of the current folder.
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { calledUrl, type Credentials } from './credentials.ts';
import { usageError } from './errors.ts';
import { readConfigFile, readFolderFile, type Variables } from './own-files.ts';

export interface Flags {
  server?: string | undefined;
  project?: string | undefined;
}

export interface Environment {
  /** Without a slash at its end. */
  serverUrl: string;
  credentials: Credentials;
  projectId: string | undefined;
  sessionId: string | undefined;
  taskIds: string[];
  strategy: string | undefined;
  role: string | undefined;
  manifestPath: string | undefined;
  agentCommand: string | undefined;
  dataDir: string;
  sessionDir: string;
  skillsDir: string;
  home: string;
  retries: number;
  retryDelayMs: number;
}

interface Surroundings {
  variables: Variables;
  home: string;
  /** The current folder. */
  folder: string;
}

const defaults = {
  serverUrl: 'http://localhost:3000',
  dataDir: '~/.maestro/data',
  sessionDir: '~/.maestro/sessions',
  skillsDir: '~/.agents-ui/maestro-skills',
  retries: 3,
  retryDelayMs: 1000,
};
const mostRetries = 20;
const longestRetryDelayMs = 60_000;

/**
 * @param flags what was given on the command line; wins over all else
 * @throws CliError USAGE_ERROR when the server's URL is none
 */
export function resolveEnvironment(
  flags: Flags,
  { variables, home, folder }: Surroundings = {
    variables: process.env,
    home: homedir(),
    folder: process.cwd(),
  },
): Environment {
  const trusted = [variables, readConfigFile(home)];
  const own = (name: string) => firstOf(trusted, name);
  const id = (name: string) => firstOf([...trusted, readFolderFile(folder)], name);
  const path = (name: string, byDefault: string) => absolute(own(name) ?? byDefault, home, folder);

  const token = own('MAESTRO_TOKEN');
  const tokenFile = join(home, '.maestro', 'token');
  const url = checkedUrl(flags.server ?? urlOf(trusted) ?? defaults.serverUrl);
  const manifestPath = own('MAESTRO_MANIFEST_PATH');
  return {
    ...(token === undefined
      ? { serverUrl: calledUrl(url, tokenFile), credentials: { tokenFile } }
      : { serverUrl: url, credentials: { token } }),
    projectId: flags.project ?? id('MAESTRO_PROJECT_ID'),
    sessionId: id('MAESTRO_SESSION_ID'),
    taskIds: splitList(id('MAESTRO_TASK_IDS') ?? ''),
    strategy: own('MAESTRO_STRATEGY'),
    role: own('MAESTRO_ROLE'),
    manifestPath: manifestPath && absolute(manifestPath, home, folder),
    agentCommand: own('MAESTRO_AGENT_CMD'),
    dataDir: path('DATA_DIR', defaults.dataDir),
    sessionDir: path('SESSION_DIR', defaults.sessionDir),
    skillsDir: path('SKILLS_DIR', defaults.skillsDir),
    home,
    retries: numberOf(own('MAESTRO_RETRIES'), defaults.retries, mostRetries),
    retryDelayMs: numberOf(own('MAESTRO_RETRY_DELAY'), defaults.retryDelayMs, longestRetryDelayMs),
  };
}

/** Whether MAESTRO_DEBUG asks for more words. */
export const isDebugging = (variables: Variables = process.env, home = homedir()): boolean =>
  ['1', 'true', 'yes'].includes(
    firstOf([variables, readConfigFile(home)], 'MAESTRO_DEBUG')?.toLowerCase() ?? '',
  );

/** A comma-separated list as its items: trimmed, none empty, each once. */
export const splitList = (text: string): string[] => [
  ...new Set(text.split(',').flatMap((item) => item.trim() || [])),
];

const firstOf = (sources: readonly Variables[], name: string): string | undefined =>
  // An empty variable is one that was not set.
  sources.map((source) => source[name]).find((value) => value !== undefined && value !== '');

/** Both names in one source before either in the next: what is set already wins. */
const urlOf = (sources: readonly Variables[]): string | undefined =>
  sources
    .map((source) => firstOf([source], 'MAESTRO_API_URL') ?? firstOf([source], 'MAESTRO_SERVER_URL'))
    .find((url) => url !== undefined);

const absolute = (path: string, home: string, folder: string): string =>
  resolve(folder, path.replace(/^~(?=$|[\\/])/, home));

function checkedUrl(url: string): string {
  const isHttp = URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
  if (!isHttp) {
    throw usageError(
      `"${url}" is no http or https URL of a server`,
      'Set --server or MAESTRO_API_URL to something like http://localhost:3000.',
    );
  }
  return url.replace(/\/+$/, '');
}

function numberOf(text: string | undefined, byDefault: number, most: number): number {
  const number = Number(text ?? byDefault);
  return Number.isInteger(number) && number >= 0 ? Math.min(number, most) : byDefault;
}
