// What the machines refuse, as errors that say the present state and what is possible from it.
import { MaestroError } from '../domain/errors.ts';
import { SessionStatus, type Session } from '../domain/session.ts';
import { statusCommands, type SessionCommand } from '../domain/commands.ts';

export const sessionNotFound = (id: string): MaestroError =>
  new MaestroError('SESSION_NOT_FOUND', `Session ${id} not found`, { sessionId: id });

export const taskNotFound = (id: string): MaestroError =>
  new MaestroError('TASK_NOT_FOUND', `Task ${id} not found`, { taskId: id });

/** The words for what a command asks, in `cannot …`. */
const asks: Partial<Record<SessionCommand['type'], string>> = {
  'session.spawn': 'go back to spawning',
  'session.answer': 'be answered: no question is open',
  'session.respawn': 'be spawned again: only a spawn that failed or is overdue can',
};

/** 422: a change of a session's life that its machine does not draw. */
export function refusal(
  session: Session,
  command: SessionCommand,
  possible: (command: SessionCommand) => boolean,
): MaestroError {
  const { at } = command;
  const statuses = SessionStatus.options.filter((status) => possible({ type: statusCommands[status], at }));
  const ask = asks[command.type] ?? `take ${command.type}`;
  return new MaestroError('BUSINESS_RULE_ERROR', `A session that is ${session.status} cannot ${ask}`, {
    state: session.status,
    phase: session.phase,
    possible: statuses,
  });
}
