// What a host leaves beside an agent's log, so that it, or the next host of this machine, knows the agent again:
// `{SESSION_DIR}/{sessionId}/agent.json`. Whoever it names is the agent of the session, and no other.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { z } from 'zod';
import { Id } from '../../domain/ids.ts';
import { readTextFileSync } from '../../platform/text-file.ts';
import { ProcessMark } from './process-mark.ts';

const mostBytes = 64 * 1024;

const AgentRecord = z.object({
  sessionId: z.string(),
  /** The server's time of the claim. */
  asOf: z.number(),
  log: z.string(),
  process: ProcessMark,
  /** The pane of a tmux server that it runs in. */
  tmux: z.object({ socket: z.string(), pane: z.string() }).optional(),
  /** The host that looks after it. */
  host: ProcessMark,
});
export type AgentRecord = z.infer<typeof AgentRecord>;

/** Where a session's files are: the folder that its environment names, else the one that this host would take. */
export interface SessionPlace {
  id: string;
  sessionDir: string;
}

/** Undefined when there is none, or none that can be read. */
export function readRecord(place: SessionPlace): AgentRecord | undefined {
  if (!Id.safeParse(place.id).success) return undefined;
  try {
    const record = AgentRecord.parse(JSON.parse(readTextFileSync(pathIn(place), mostBytes) ?? 'null'));
    return record.sessionId === place.id ? record : undefined;
  } catch {
    // Not there (no host of this machine started it), or damaged: an agent that cannot be known again.
    return undefined;
  }
}

/** At once: what was started and not written down would be lost with this process. */
export const writeRecord = (place: SessionPlace, record: AgentRecord): void =>
  writeFileAtomicSync(pathIn(place), JSON.stringify(record), { mode: 0o600 });

export const removeRecord = (place: SessionPlace): void => rmSync(pathIn(place), { force: true });

/** Whether both name the same process. */
export const isSameAgent = (one: AgentRecord | undefined, other: AgentRecord): boolean =>
  one?.process.pid === other.process.pid && one.process.born === other.process.born;

const pathIn = ({ id, sessionDir }: SessionPlace): string => join(sessionDir, id, 'agent.json');
