// Repairs at the start. On a disk that refuses writes the server starts all the same, and serves reads: the repairs are
// tried again until they are done.
import { asError, MaestroError } from '../domain/errors.ts';
import type { Records } from './records.ts';
import type { Turn } from './turn.ts';

const RETRY_MS = 1_000;

export interface RepairLog {
  /** What was mended, a sentence for each. */
  mended: (sentence: string) => void;
  /** A later attempt failed for another reason than the disk; there is no further one. */
  failed: (fault: Error) => void;
}

/**
 * Runs the repairs as one turn, at once or as soon as the disk takes it.
 * @param repair returns what it mended, as sentences
 * @returns the undo of what is still to be tried
 * @throws what `repair` throws at the first attempt
 */
export async function repairAtStart(
  records: Records,
  repair: (turn: Turn) => string[],
  log: RepairLog,
): Promise<() => void> {
  let timer: NodeJS.Timeout | undefined;
  const attempt = async (): Promise<void> => {
    try {
      for (const sentence of await records.turn(repair)) log.mended(sentence);
    } catch (error) {
      if (!(error instanceof MaestroError) || error.code !== 'STORAGE_UNAVAILABLE') throw error;
      timer = setTimeout(
        () => void attempt().catch((fault: unknown) => log.failed(asError(fault))),
        RETRY_MS,
      );
      timer.unref();
    }
  };
  await attempt();
  return () => clearTimeout(timer);
}
