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
  /** Removes a deleted session's folder, with its manifest. */
  removeSessionFolder: (id: string) => Promise<void>;
  /** The manifest that a spawn announced. */
  readManifest: (path: string) => Promise<unknown>;
}
