// Calls to the server: relative to the page, so that a `/t/{token}` prefix goes along.
import type { Chart, Move } from '../../../src/domain/chart.ts';
import type { Project } from '../../../src/domain/project.ts';
import type { Queue, QueueStats } from '../../../src/domain/queue.ts';
import type { NeedsInput, Role, SessionStatus, Strategy } from '../../../src/domain/session.ts';
import type { Task } from '../../../src/domain/task.ts';
import type { SessionEvent, TimelineEntry } from '../../../src/domain/timeline.ts';

export type { Chart, Move, Project, Queue, QueueStats, Task, TimelineEntry };

/** What a list of sessions shows of each. */
export interface Summary {
  id: string;
  projectId: string;
  taskIds: string[];
  name: string;
  strategy: Strategy;
  status: SessionStatus;
  startedAt: number;
  lastActivity: number;
  completedAt: number | null;
  needsInput?: NeedsInput | null;
  role?: Role;
  model?: string;
  spawnedBy?: string | null;
  manifestPath?: string;
  overdue?: true | null;
  entries: number;
  last: TimelineEntry | null;
  since: number;
  queue: (QueueStats & { current: string | null }) | null;
}

export interface Whole extends Omit<Summary, 'entries' | 'last' | 'since' | 'queue'> {
  timeline: TimelineEntry[];
  events: SessionEvent[];
  env: Record<string, string>;
  hostname: string;
}

export interface Standing {
  machine: string;
  value: string;
  tags: string[];
  next: { event: string; to: string | null }[];
}

export interface SessionState extends Standing {
  id: string;
  since: number;
  history: Move[];
  queue: Standing | null;
}

export interface Health {
  status: 'ok' | 'degraded';
  seq: number;
  version: string;
}

/** What the server refused, in its own sentence; `fields` says what was wrong with each. */
export class Refusal extends Error {
  readonly code: string;
  readonly fields: Record<string, string>;

  constructor(code: string, message: string, fields: Record<string, string>) {
    super(message);
    this.code = code;
    this.fields = fields;
  }
}

const LIMIT_MS = 30_000;

/** The folder that the page came from. */
const base = new URL('.', location.href);

export const socketAddress = (query: string): string => {
  const url = new URL(`ws?${query}`, base);
  url.protocol = url.protocol.replace('http', 'ws');
  return url.href;
};

/** @throws Refusal for what the server refuses; TypeError when it is not there. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(new URL(path, base), {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(method === 'POST' && { 'idempotency-key': crypto.randomUUID() }),
    },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const answer = (await response.json()) as T;
  if (response.ok) return answer;
  const { code, message, details } = answer as {
    code: string;
    message: string;
    details?: Record<string, unknown>;
  };
  const fields = code === 'VALIDATION_ERROR' ? (details ?? {}) : {};
  throw new Refusal(
    code,
    message,
    Object.fromEntries(Object.entries(fields).map(([field, problem]) => [field, String(problem)])),
  );
}

export const get = <T>(path: string): Promise<T> => call('GET', path);
export const post = <T>(path: string, body: unknown = {}): Promise<T> => call('POST', path, body);
export const patch = <T>(path: string, body: unknown): Promise<T> => call('PATCH', path, body);

/** Below `api/`, each part escaped. */
export const at = (...parts: string[]): string => ['api', ...parts.map(encodeURIComponent)].join('/');
