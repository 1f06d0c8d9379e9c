import { z } from 'zod';
import { TEXT_LENGTH } from '../../domain/bounds.ts';
import { Label, Reference, text, Word } from '../../domain/fields.ts';
import { SessionChange, SessionDraft, SessionStatusWord } from '../../domain/session.ts';
import { SessionEventDraft, TimelineDraft } from '../../domain/timeline.ts';
import { endpoint } from './endpoint.ts';
import { AddedView, Deleted, SessionSummaryView, SessionView, SpawnView } from './views.ts';

export const listSessions = endpoint({
  method: 'get',
  path: '/api/sessions',
  summary: 'Sessions, oldest first',
  query: z.object({
    projectId: Reference.optional(),
    taskId: Reference.optional(),
    status: SessionStatusWord.optional(),
    active: Word.optional().describe('`true` leaves out those that have ended.'),
    view: Word.optional().describe('`summary` leaves out timeline, events and env.'),
  }),
  answers: { 200: z.array(z.union([SessionView, SessionSummaryView])) },
  refuses: ['VALIDATION_ERROR'],
});

export const createSession = endpoint({
  method: 'post',
  path: '/api/sessions',
  summary: 'Make a session without spawning it',
  description:
    '`taskId` (one id) is taken in the place of `taskIds`. With strategy `queue` its queue is made too.',
  body: SessionDraft,
  answers: { 201: SessionView },
  // SESSION_NOT_FOUND: the call is repeated with its key when the session is gone.
  refuses: ['VALIDATION_ERROR', 'PROJECT_NOT_FOUND', 'TASK_NOT_FOUND', 'SESSION_NOT_FOUND', 'CONFLICT'],
  tells: ['session:created', 'session:task_added', 'task:session_added', 'queue:created', 'task:updated'],
});

export const getSession = endpoint({
  method: 'get',
  path: '/api/sessions/{id}',
  summary: 'One session, whole',
  query: z.object({
    view: Word.optional().describe('`summary` leaves out timeline, events and env.'),
  }),
  answers: { 200: z.union([SessionView, SessionSummaryView]) },
  refuses: ['SESSION_NOT_FOUND'],
});

export const changeSession = endpoint({
  method: 'patch',
  path: '/api/sessions/{id}',
  summary: 'Change, report and move it, all or nothing',
  description:
    '`env` and `metadata` merge into what is there; `events` and `timeline` are appended; `status` and `needsInput` ' +
    'are commands to the session, which may be refused with 422.',
  body: SessionChange,
  answers: { 200: SessionView },
  minimal: AddedView,
  refuses: ['VALIDATION_ERROR', 'SESSION_NOT_FOUND', 'TASK_NOT_FOUND', 'BUSINESS_RULE_ERROR', 'OVERLOADED'],
  tells: ['session:updated'],
});

export const deleteSession = endpoint({
  method: 'delete',
  path: '/api/sessions/{id}',
  summary: 'Delete a session, its queue and its manifest',
  answers: { 200: Deleted },
  refuses: ['SESSION_NOT_FOUND', 'OVERLOADED'],
  tells: ['session:task_removed', 'task:session_removed', 'session:deleted'],
});

export const addEvent = endpoint({
  method: 'post',
  path: '/api/sessions/{id}/events',
  summary: 'Append an event',
  body: SessionEventDraft,
  answers: { 200: SessionView },
  minimal: AddedView,
  refuses: ['VALIDATION_ERROR', 'NOT_FOUND', 'OVERLOADED'],
  tells: ['session:updated'],
});

export const addEntry = endpoint({
  method: 'post',
  path: '/api/sessions/{id}/timeline',
  summary: 'Append to the timeline',
  description: 'Taken in every state of the session. `needs_input` asks a person while the session works.',
  body: TimelineDraft.extend({ message: text(TEXT_LENGTH).min(1, 'is required') }),
  answers: { 200: SessionView },
  minimal: AddedView,
  refuses: ['VALIDATION_ERROR', 'NOT_FOUND', 'OVERLOADED'],
  tells: ['session:updated'],
});

export const addTask = endpoint({
  method: 'post',
  path: '/api/sessions/{id}/tasks/{taskId}',
  summary: 'Associate a task',
  description: 'Both sides change. Doing it twice changes nothing the second time.',
  answers: { 200: SessionView },
  minimal: AddedView,
  refuses: ['NOT_FOUND', 'OVERLOADED'],
  tells: ['session:task_added', 'task:session_added'],
});

export const removeTask = endpoint({
  method: 'delete',
  path: '/api/sessions/{id}/tasks/{taskId}',
  summary: 'Take a task out',
  description: 'Its item in the queue, if it waits or is in work, is skipped.',
  answers: { 200: SessionView },
  minimal: AddedView,
  refuses: ['NOT_FOUND', 'OVERLOADED'],
  tells: ['session:task_removed', 'task:session_removed', 'queue:item_skipped', 'queue:updated'],
});

export const answerQuestion = endpoint({
  method: 'post',
  path: '/api/sessions/{id}/answer',
  summary: 'Answer the open question',
  body: z.object({ message: text(TEXT_LENGTH).min(1, 'is required') }),
  answers: { 200: SessionView },
  minimal: AddedView,
  refuses: ['VALIDATION_ERROR', 'SESSION_NOT_FOUND', 'BUSINESS_RULE_ERROR', 'OVERLOADED'],
  tells: ['session:updated'],
});

export const getManifest = endpoint({
  method: 'get',
  path: '/api/sessions/{id}/manifest',
  summary: 'The manifest that its agent is started from',
  answers: { 200: z.looseObject({ manifestVersion: z.string() }) },
  refuses: ['SESSION_NOT_FOUND', 'NOT_FOUND'],
});

export const claimSpawn = endpoint({
  method: 'post',
  path: '/api/sessions/{id}/claim',
  summary: 'Take a spawn that awaits its agent, as a terminal host',
  body: z.object({ host: Label.max(256, 'must have at most 256 characters') }),
  answers: { 200: SpawnView },
  refuses: ['VALIDATION_ERROR', 'SESSION_NOT_FOUND', 'CONFLICT', 'OVERLOADED'],
});
