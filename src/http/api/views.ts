// What clients get to see, as schemas. `../views.ts` makes the values.
import { z } from 'zod';
import { Milliseconds, Model } from '../../domain/fields.ts';
import { Project } from '../../domain/project.ts';
import { Queue, QueueItem } from '../../domain/queue.ts';
import { Role, Session, SessionStatus, SpawnSource, Strategy } from '../../domain/session.ts';
import { SkillManifest } from '../../domain/skill.ts';
import { Task, TaskStatus } from '../../domain/task.ts';
import { Template } from '../../domain/template.ts';
import { SessionEvent, TimelineEntry } from '../../domain/timeline.ts';

// Files may hold fields of other programs, which are kept and shown.
export const ProjectView = Project.loose().meta({ id: 'Project' });
export const TaskView = Task.extend({ status: TaskStatus }).loose().meta({ id: 'Task' });
export const TemplateView = Template.loose().meta({ id: 'Template' });
export const QueueItemView = QueueItem.meta({ id: 'QueueItem' });
export const QueueView = Queue.omit({ interruptedIndex: true })
  .extend({ items: z.array(QueueItemView) })
  .loose()
  .meta({ id: 'Queue' });

const count = z.number().int();
export const QueueStatsView = z
  .object({
    total: count,
    queued: count,
    processing: count,
    completed: count,
    failed: count,
    skipped: count,
  })
  .meta({ id: 'QueueStats' });

export const SessionEventView = SessionEvent.loose().meta({ id: 'SessionEvent' });
export const TimelineEntryView = TimelineEntry.loose().meta({ id: 'TimelineEntry' });

export const SessionView = Session.omit({
  moves: true,
  spawn: true,
  phase: true,
  attempt: true,
  deadline: true,
  claimedBy: true,
  manifestFailedAt: true,
  manifestError: true,
  announced: true,
})
  .extend({
    strategy: Strategy,
    status: SessionStatus,
    events: z.array(SessionEventView),
    timeline: z.array(TimelineEntryView),
    role: Role.optional(),
    spawnSource: SpawnSource.optional(),
    spawnedBy: z.string().nullable().optional(),
    model: Model.optional(),
    overdue: z.literal(true).optional().describe('Its agent has not said a word within SPAWN_DEADLINE_MS.'),
  })
  .loose()
  .meta({ id: 'Session' });

/** A session for lists that are looked at. */
export const SessionSummaryView = SessionView.omit({ timeline: true, events: true, env: true })
  .extend({
    entries: z.number().int().describe('How many entries its timeline has.'),
    last: TimelineEntryView.nullable().describe('The newest of them.'),
    since: Milliseconds.describe('When it came into the state that it is in.'),
    queue: QueueStatsView.extend({ current: z.string().nullable().describe('The task in work.') }).nullable(),
  })
  .loose()
  .meta({ id: 'SessionSummary' });

/** `session:updated` with `view=changes`. */
export const SessionChangesView = z
  .object({
    id: z.string(),
    changes: z.record(z.string(), z.unknown()).describe('The fields that changed; null for one that went.'),
    appended: z
      .object({
        timeline: z.array(TimelineEntryView).optional(),
        events: z.array(SessionEventView).optional(),
      })
      .optional(),
    appendedAt: z
      .object({ timeline: count.optional(), events: count.optional() })
      .optional()
      .describe(
        'The index in the list of the first item that was appended. A client that has fewer items has missed some and ' +
          'reads the session anew; one that has more has these already.',
      ),
  })
  .meta({
    id: 'SessionChanges',
    description:
      'With view=changes, in place of the whole session. Put together over a session that was read, the changes are ' +
      'the session. Such clients are told of every change this way, associations included, which other clients know ' +
      'by session:task_added and session:task_removed alone.',
  });

/** The answer of a change to a session with `Prefer: return=minimal`. */
export const AddedView = z
  .object({
    success: z.literal(true),
    id: z.string(),
    events: z.array(SessionEventView).optional(),
    timeline: z.array(TimelineEntryView).optional(),
  })
  .meta({ id: 'Added', description: 'What was added, in place of the whole session.' });

export const Deleted = z.object({ success: z.literal(true), id: z.string() }).meta({ id: 'Deleted' });

/** What a terminal host needs to start an agent. */
export const SpawnView = z
  .object({
    session: SessionView,
    command: z.string(),
    cwd: z.string().describe("The project's workingDir; empty means the host's own."),
    envVars: z.record(z.string(), z.string()),
    manifest: z.unknown().describe('The manifest; null when there is none.'),
    projectId: z.string(),
    taskIds: z.array(z.string()),
    spawnSource: SpawnSource,
    parentSessionId: z.string().nullable(),
    _isSpawnCreated: z.literal(true),
  })
  .meta({ id: 'Spawn' });

export const SkillSummary = SkillManifest.pick({ name: true, description: true, type: true, version: true })
  .extend({ id: z.string().describe('The name of its folder.') })
  .meta({ id: 'SkillSummary' });
export const SkillView = SkillSummary.extend({ instructions: z.string() }).meta({ id: 'Skill' });
