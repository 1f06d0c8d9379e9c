// What the routers need of the rest: handed in, so that one can read in one place what HTTP may touch.
import type { Directory } from '../actors/directory.ts';
import type { Spawns } from '../actors/spawns.ts';
import type { DefaultTemplate } from '../catalog/default-templates.ts';
import type { Skills } from '../catalog/skills.ts';
import type { Records } from '../records/records.ts';
import type { Idempotency } from './idempotency.ts';

export interface HttpContext {
  records: Records;
  directory: Directory;
  spawns: Spawns;
  idempotency: Idempotency;
  skills: Skills;
  shippedTemplates: readonly DefaultTemplate[];
  spawnDeadlineMs: number;
  /** Runs the deletion of a session that is there, and removes its folder when that is durable. */
  removeSessionFolder: (id: string, deletion: () => Promise<unknown>) => Promise<void>;
  /** The manifest that a spawn announced. */
  readManifest: (path: string) => Promise<unknown>;
}
