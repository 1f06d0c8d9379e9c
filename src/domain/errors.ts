// Everything that is refused, with a code from a closed list. A bug is a plain Error and no code of ours.

export type SpawnErrorCode =
  | 'missing_project_id'
  | 'invalid_task_ids'
  | 'invalid_spawn_source'
  | 'missing_session_id'
  | 'parent_session_not_found'
  | 'invalid_role'
  | 'invalid_strategy'
  | 'task_not_found'
  | 'project_not_found'
  | 'manifest_generation_failed'
  | 'spawn_error';

export type ErrorCode =
  | 'VALIDATION_ERROR'
  | 'PROJECT_HAS_DEPENDENCIES'
  | 'PROJECT_NOT_FOUND'
  | 'TASK_NOT_FOUND'
  | 'SESSION_NOT_FOUND'
  | 'NOT_FOUND'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'CONFLICT'
  | 'PAYLOAD_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'BUSINESS_RULE_ERROR'
  | 'INTERNAL_ERROR'
  | 'MANIFEST_GENERATION_ERROR'
  | 'SKILL_LOAD_ERROR'
  | 'CONFIG_ERROR'
  | 'NOT_IMPLEMENTED'
  | 'STORAGE_UNAVAILABLE'
  | 'OVERLOADED'
  | SpawnErrorCode;

/** A refusal: a code, a sentence for a person, and what a program wants to know as fields. */
export class MaestroError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    details?: Record<string, unknown>,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'MaestroError';
    this.code = code;
    this.details = details;
  }
}

/** Bad input, field by field: `{ title: 'is required' }`. */
export const invalid = (message: string, fields: Record<string, string>): MaestroError =>
  new MaestroError('VALIDATION_ERROR', message, fields);

/** What was thrown, as an Error. Used once, where foreign code meets ours. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));

/** Ends a `switch` over a union: the compiler refuses the call while a case is missing. */
export function assertNever(value: never): never {
  throw new Error(`unexpected case: ${JSON.stringify(value)}`);
}
