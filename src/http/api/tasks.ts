import { z } from 'zod';
import { TEXT_LENGTH } from '../../domain/bounds.ts';
import { Reference, text } from '../../domain/fields.ts';
import { TaskChange, TaskDraft, TaskReport, TaskStatusWord } from '../../domain/task.ts';
import { TimelineDraft, TimelineType } from '../../domain/timeline.ts';
import { endpoint } from './endpoint.ts';
import { Deleted, TaskView } from './views.ts';

export const listTasks = endpoint({
  method: 'get',
  path: '/api/tasks',
  summary: 'Tasks, oldest first',
  query: z.object({
    projectId: Reference.optional(),
    status: TaskStatusWord.optional(),
    parentId: Reference.optional().describe('`null` asks for root tasks.'),
  }),
  answers: { 200: z.array(TaskView) },
  refuses: ['VALIDATION_ERROR'],
});

export const createTask = endpoint({
  method: 'post',
  path: '/api/tasks',
  summary: 'Make a task',
  body: TaskDraft,
  answers: { 201: TaskView },
  refuses: ['VALIDATION_ERROR', 'PROJECT_NOT_FOUND', 'TASK_NOT_FOUND'],
  tells: ['task:created'],
});

export const getTask = endpoint({
  method: 'get',
  path: '/api/tasks/{id}',
  summary: 'One task',
  answers: { 200: TaskView },
  refuses: ['TASK_NOT_FOUND'],
});

export const listChildren = endpoint({
  method: 'get',
  path: '/api/tasks/{id}/children',
  summary: 'Its direct children',
  answers: { 200: z.array(TaskView) },
  refuses: ['TASK_NOT_FOUND'],
});

export const changeTask = endpoint({
  method: 'patch',
  path: '/api/tasks/{id}',
  summary: 'Change any of its fields',
  description:
    'With `updateSource: "session"` only `sessionStatus` is applied and the rest is dropped. ' +
    'A changed `sessionIds` changes the sessions too, with the association facts.',
  body: z.union([TaskReport, TaskChange]),
  answers: { 200: TaskView },
  refuses: ['VALIDATION_ERROR', 'TASK_NOT_FOUND', 'SESSION_NOT_FOUND'],
  tells: [
    'task:updated',
    'task:session_added',
    'session:task_added',
    'task:session_removed',
    'session:task_removed',
  ],
});

export const reportOnTask = endpoint({
  method: 'post',
  path: '/api/tasks/{id}/timeline',
  summary: "Write to a session's timeline about this task",
  body: z.object({
    message: text(TEXT_LENGTH).min(1, 'is required'),
    sessionId: Reference.min(1, 'is required'),
    type: TimelineDraft.shape.type,
  }),
  answers: {
    200: z.object({
      success: z.literal(true),
      taskId: z.string(),
      sessionId: z.string(),
      message: z.string(),
      type: TimelineType,
    }),
  },
  refuses: ['VALIDATION_ERROR', 'NOT_FOUND'],
  tells: ['session:updated'],
});

export const deleteTask = endpoint({
  method: 'delete',
  path: '/api/tasks/{id}',
  summary: 'Delete a task',
  description: 'It is taken out of its sessions and queues; its children move up to its parent.',
  answers: { 200: Deleted },
  refuses: ['TASK_NOT_FOUND'],
  tells: [
    'session:task_removed',
    'task:session_removed',
    'queue:item_skipped',
    'queue:item_failed',
    'task:updated',
    'session:updated',
    'queue:updated',
    'task:deleted',
  ],
});
