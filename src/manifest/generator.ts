// How a session's manifest comes into being, whoever makes it: the CLI as a child process or this process itself.
import type { JsonObject, Model } from '../domain/fields.ts';
import type { Project } from '../domain/project.ts';
import type { Role, Strategy } from '../domain/session.ts';
import type { Task } from '../domain/task.ts';

export interface ManifestOrder {
  sessionId: string;
  /** The absolute path of the manifest file: `{SESSION_DIR}/{sessionId}/manifest.json`. */
  path: string;
  project: Project;
  /** At least one, in the session's order. */
  tasks: Task[];
  role: Role;
  strategy: Strategy;
  skills: string[];
  model: Model;
  /** The id of the role's template. */
  templateId: string;
  /** What the spawn's `context` held; it goes into `context.custom`. */
  context: JsonObject;
}

export interface ManifestGenerator {
  /**
   * Makes the manifest and leaves it at `order.path`, checked and completed. Repeatable: a second run replaces the file.
   * @param signal ends the work, child processes included; the promise then rejects with `signal.reason`.
   * @throws MaestroError MANIFEST_GENERATION_ERROR, with a sentence that tells what went wrong and what to do.
   */
  generate(order: ManifestOrder, signal: AbortSignal): Promise<void>;
}
