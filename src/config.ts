// The environment as one frozen, validated object. All that is wrong is told at once.
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { MaestroError } from './domain/errors.ts';
import { ownCli } from './platform/package.ts';

const flag = z.enum(['true', 'false', '1', '0']).transform((word) => word === 'true' || word === '1');
const millisecondsOf = (least: number) =>
  z.coerce
    .number()
    .int()
    .min(least)
    .max(2 ** 31 - 1);
const expand = (path: string): string => resolve(path.replace(/^~(?=$|[\\/])/, homedir()));
const folder = (byDefault: string) => z.string().default(byDefault).transform(expand);
/** As browsers send it: scheme, host and perhaps a port, and no slash behind. */
const isOrigin = (text: string): boolean => text === '*' || /^[a-z][a-z0-9+.-]*:\/\/[^/\s]+$/i.test(text);
/** What a header can carry: no control characters, nothing beyond Latin-1, no blank at either end. */
const isHeaderText = (text: string): boolean => /^[\x20-\x7e\xa0-\xff]+$/.test(text) && text.trim() === text;
const loopbackNames = ['localhost', '127.0.0.1', '::1', '[::1]'];

const Environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z
    .string()
    .transform((host) => host.replace(/^\[(.*)\]$/, '$1'))
    .optional(),
  SERVER_URL: z.url({ protocol: /^https?$/ }).optional(),
  DATA_DIR: folder('~/.maestro/data'),
  SESSION_DIR: folder('~/.maestro/sessions'),
  SKILLS_DIR: folder('~/.agents-ui/maestro-skills'),
  DATABASE_TYPE: z.enum(['filesystem', 'postgres']).default('filesystem'),
  DATABASE_URL: z.string().optional(),
  MANIFEST_GENERATOR: z.enum(['cli', 'server']).default('cli'),
  MAESTRO_CLI_PATH: z.string().default(ownCli),
  MANIFEST_TIMEOUT_MS: millisecondsOf(1).default(30_000),
  MANIFEST_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(4),
  SPAWN_DEADLINE_MS: millisecondsOf(1).default(120_000),
  CORS_ENABLED: flag.default(true),
  CORS_ORIGINS: z
    .string()
    .default('')
    .transform((list) => list.split(',').flatMap((origin) => origin.trim() || []))
    .refine((origins) => origins.every(isOrigin)),
  CORS_CREDENTIALS: flag.default(false),
  MAESTRO_TOKEN: z.string().refine(isHeaderText).optional(),
  MAESTRO_INSPECT: flag.default(false),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
  LOG_FORMAT: z.enum(['json', 'pretty']).default('pretty'),
  LOG_FILE: z.string().transform(expand).optional(),
  DEBUG: flag.default(false),
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
});

/** What each variable may be, for the sentence about one that is not. */
const allowed: Partial<Record<keyof z.input<typeof Environment>, string>> = {
  PORT: 'a number from 0 to 65535',
  SERVER_URL: 'an http or https URL',
  DATABASE_TYPE: 'filesystem or postgres',
  MANIFEST_GENERATOR: 'cli or server',
  MANIFEST_TIMEOUT_MS: 'a number of milliseconds from 1 on',
  MANIFEST_CONCURRENCY: 'a number from 1 to 64',
  SPAWN_DEADLINE_MS: 'a number of milliseconds from 1 on',
  CORS_ENABLED: 'true or false',
  CORS_ORIGINS: '* or origins like https://app.example, with commas between',
  CORS_CREDENTIALS: 'true or false',
  MAESTRO_TOKEN:
    'a text that an HTTP header can carry: no control characters, none outside of Latin-1, no blank at its ends',
  MAESTRO_INSPECT: 'true or false',
  LOG_LEVEL: 'error, warn, info or debug',
  LOG_FORMAT: 'json or pretty',
  DEBUG: 'true or false',
  NODE_ENV: 'development, production or test',
};

export type Config = ReturnType<typeof readConfig>;

/** @throws MaestroError CONFIG_ERROR that names every variable that is wrong, what it was and what it may be. */
export function readConfig(environment: NodeJS.ProcessEnv) {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  const malformed = parsed.success ? [] : parsed.error.issues.map(({ path }) => sentence(path, given));
  const problems = [...malformed, ...impossible(given)];
  if (!parsed.success || problems.length > 0)
    throw new MaestroError('CONFIG_ERROR', `the configuration is not valid:\n  ${problems.join('\n  ')}`, {
      problems,
    });
  const { data } = parsed;
  return Object.freeze({
    port: data.PORT,
    /** Null: both loopback addresses. */
    host: data.HOST ?? null,
    /** Null: follows from where the server listens. */
    serverUrl: data.SERVER_URL?.replace(/\/$/, '') ?? null,
    dataDir: data.DATA_DIR,
    sessionDir: data.SESSION_DIR,
    skillsDir: data.SKILLS_DIR,
    manifest: {
      generator: data.MANIFEST_GENERATOR,
      cliPath: data.MAESTRO_CLI_PATH,
      timeoutMs: data.MANIFEST_TIMEOUT_MS,
      concurrency: data.MANIFEST_CONCURRENCY,
    },
    spawnDeadlineMs: data.SPAWN_DEADLINE_MS,
    cors: {
      enabled: data.CORS_ENABLED,
      origins: data.CORS_ORIGINS,
      credentials: data.CORS_CREDENTIALS,
    },
    token: data.MAESTRO_TOKEN ?? null,
    /** Whether developers' tools may look at the actors. */
    inspect: data.MAESTRO_INSPECT,
    log: {
      level: data.DEBUG ? ('debug' as const) : data.LOG_LEVEL,
      format: data.LOG_FORMAT,
      file: data.LOG_FILE ?? null,
    },
  });
}

function sentence(path: PropertyKey[], given: Record<string, string | undefined>): string {
  const name = String(path[0]);
  const value = name === 'MAESTRO_TOKEN' ? 'a secret that is not shown' : `"${given[name] ?? ''}"`;
  return `${name} is ${value}, but must be ${allowed[name as keyof typeof allowed] ?? 'another value'}`;
}

/** What is well formed and still cannot be had. */
function impossible({ DATABASE_TYPE, HOST, MAESTRO_TOKEN }: Record<string, string | undefined>): string[] {
  const problems: string[] = [];
  if (DATABASE_TYPE === 'postgres')
    problems.push('DATABASE_TYPE is "postgres", which this version cannot store in; it must be filesystem');
  if (HOST !== undefined && !loopbackNames.includes(HOST) && MAESTRO_TOKEN === undefined)
    problems.push(
      `HOST is "${HOST}", which others can reach: set MAESTRO_TOKEN, or leave HOST out for this machine only`,
    );
  return problems;
}
