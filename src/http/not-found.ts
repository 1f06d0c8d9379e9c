// On the paths of queues, events, timelines and associations every missing thing is plainly NOT_FOUND.
import { MaestroError } from '../domain/errors.ts';

const specific = new Set(['SESSION_NOT_FOUND', 'TASK_NOT_FOUND', 'PROJECT_NOT_FOUND']);

export async function asNotFound<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MaestroError && specific.has(error.code))
      throw new MaestroError('NOT_FOUND', error.message, error.details);
    throw error;
  }
}
