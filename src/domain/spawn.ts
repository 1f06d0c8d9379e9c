// The body of a spawn. The contract checks it in a fixed order, each fault with a code of its own, so it is read
// field by field here and not by one schema.
import { z } from 'zod';
import { LIST_ENTRIES, RELATED_IDS } from './bounds.ts';
import { MaestroError, type SpawnErrorCode } from './errors.ts';
import { AnyObject, list, Model, Name, Reference, Word, type JsonObject } from './fields.ts';
import { readInput } from './input.ts';
import { Role, SpawnSource, Strategy } from './session.ts';

export interface SpawnRequest {
  projectId: string;
  /** At least one; the same task twice counts once. */
  taskIds: string[];
  role: Role;
  strategy: Strategy;
  spawnSource: z.infer<typeof SpawnSource>;
  /** The parent session, when a session spawns; null from the UI. */
  parentId: string | null;
  sessionName?: string;
  skills: string[];
  model?: Model;
  context: JsonObject;
}

// An argument of a child process: it must not be read as a flag, nor end or split the list it stands in.
const unsafeSkill = /^-|,|[\u0000-\u001f\u007f]/;

const Rest = z.object({
  sessionName: Name.optional(),
  skills: list(
    Word.refine(
      (name) => !unsafeSkill.test(name),
      'must not begin with "-" or hold a comma or control character',
    ),
    LIST_ENTRIES,
  ).default([]),
  model: Model.optional(),
  context: AnyObject.default({}),
});

/** The whole body, for documents; what the server reads is checked by the same parts, in the contract's order. */
export const SpawnBody = z.object({
  projectId: Reference,
  taskIds: list(Reference.min(1), RELATED_IDS, 1),
  role: Role.default('worker'),
  strategy: Strategy.default('simple'),
  spawnSource: SpawnSource.default('ui'),
  sessionId: Reference.optional().describe('The parent session; required when `spawnSource` is `session`.'),
  spawnedBy: Reference.optional().describe('An old word for `sessionId`.'),
  ...Rest.shape,
});

const refuse = (code: SpawnErrorCode, message: string): never => {
  throw new MaestroError(code, message);
};

/** An id that is given; anything but a text counts as not given. @throws VALIDATION_ERROR for what can be no id. */
function idIn(body: JsonObject, field: 'projectId' | 'sessionId' | 'spawnedBy'): string | undefined {
  const value = body[field];
  return typeof value === 'string' && value !== ''
    ? readInput(z.object({ [field]: Reference }), { [field]: value }, 'body')[field]
    : undefined;
}

const problemOfTaskIds = (given: unknown, { issues }: z.ZodError): string => {
  const areTexts =
    Array.isArray(given) && given.length > 0 && given.every((id) => typeof id === 'string' && id !== '');
  return (areTexts && issues[0]?.message) || 'must be a non-empty array';
};

/**
 * Reads the body of POST /api/sessions/spawn, up to the checks that need records.
 * @param parentExists asks whether a session is there: that check stands in the middle of the order.
 * @throws MaestroError with the spawn's own code, or VALIDATION_ERROR for the fields that have none.
 */
export function parseSpawnRequest(body: JsonObject, parentExists: (id: string) => boolean): SpawnRequest {
  const projectId = idIn(body, 'projectId') ?? refuse('missing_project_id', 'projectId is required');

  const tasks = SpawnBody.shape.taskIds.safeParse(body['taskIds']);
  const taskIds = tasks.success
    ? tasks.data
    : refuse('invalid_task_ids', `taskIds ${problemOfTaskIds(body['taskIds'], tasks.error)}`);

  const source = SpawnBody.shape.spawnSource.safeParse(body['spawnSource']);
  const spawnSource = source.success
    ? source.data
    : refuse('invalid_spawn_source', 'spawnSource must be "ui" or "session"');

  const parentId = idIn(body, 'sessionId') ?? idIn(body, 'spawnedBy') ?? null;
  if (spawnSource === 'session') {
    if (parentId === null)
      refuse('missing_session_id', 'sessionId is required when spawnSource is "session"');
    else if (!parentExists(parentId))
      refuse('parent_session_not_found', `Parent session ${parentId} not found`);
  }

  const role = SpawnBody.shape.role.safeParse(body['role']);
  if (!role.success) return refuse('invalid_role', 'role must be "worker" or "orchestrator"');
  const strategy = SpawnBody.shape.strategy.safeParse(body['strategy']);
  if (!strategy.success) return refuse('invalid_strategy', 'strategy must be "simple", "queue", or "tree"');

  const rest = readInput(Rest, body, 'body');
  return {
    projectId,
    taskIds: [...new Set(taskIds)],
    role: role.data,
    strategy: strategy.data,
    spawnSource,
    parentId,
    ...rest,
  };
}
