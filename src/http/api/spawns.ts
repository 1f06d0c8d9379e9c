import { z } from 'zod';
import { SpawnBody } from '../../domain/spawn.ts';
import { endpoint } from './endpoint.ts';
import { SessionView } from './views.ts';

const SpawnAnswer = z
  .object({
    success: z.literal(true),
    sessionId: z.string(),
    manifestPath: z.string(),
    message: z.string(),
    session: SessionView,
    command: z.string(),
    initialCommand: z.string().describe('The same as command.'),
    cwd: z.string(),
    envVars: z.record(z.string(), z.string()),
  })
  .meta({ id: 'SpawnAnswer' });

export const spawn = endpoint({
  method: 'post',
  path: '/api/sessions/spawn',
  summary: 'Make a session, its manifest, and announce it to terminal hosts',
  description: 'An equal spawn whose manifest failed within the last 60 s is taken up again.',
  body: SpawnBody,
  answers: { 201: SpawnAnswer },
  refuses: [
    'missing_project_id',
    'invalid_task_ids',
    'invalid_spawn_source',
    'missing_session_id',
    'parent_session_not_found',
    'invalid_role',
    'invalid_strategy',
    'VALIDATION_ERROR',
    'task_not_found',
    'project_not_found',
    'manifest_generation_failed',
    'spawn_error',
    // The call is repeated with its key when the session is gone.
    'SESSION_NOT_FOUND',
    'OVERLOADED',
  ],
  tells: ['session:spawn', 'session:task_added', 'task:session_added', 'queue:created', 'task:updated'],
});

export const respawn = endpoint({
  method: 'post',
  path: '/api/sessions/{id}/respawn',
  summary: 'Try a failed or overdue spawn again',
  answers: { 201: SpawnAnswer },
  refuses: [
    'SESSION_NOT_FOUND',
    'BUSINESS_RULE_ERROR',
    'manifest_generation_failed',
    'spawn_error',
    'OVERLOADED',
  ],
  tells: ['session:spawn', 'session:updated'],
});
