// A manifest as some CLI wrote it, not necessarily ours: a version, a role and tasks make it one. What else stands in
// it is that CLI's business and is kept.
import { z } from 'zod';
import { JsonObject } from '../domain/fields.ts';
import { Role } from '../domain/session.ts';
import { invalidFile } from './failure.ts';

const WrittenManifest = z.looseObject({
  manifestVersion: z.string().min(1),
  role: Role,
  tasks: z.array(z.looseObject({})).min(1),
  // These three are set or cleaned afterwards, so it does not matter if they are unusable now.
  session: JsonObject.optional().catch(undefined),
  context: JsonObject.optional().catch(undefined),
  skills: z.array(z.unknown()).optional().catch(undefined),
});
export type WrittenManifest = z.infer<typeof WrittenManifest>;

/**
 * Reads a manifest leniently, unknown fields kept.
 * @throws MaestroError MANIFEST_GENERATION_ERROR that names the field that is missing or wrong.
 */
export function parseWrittenManifest(json: unknown): WrittenManifest {
  const manifest = WrittenManifest.safeParse(json);
  if (!manifest.success) throw invalidFile('the manifest that the maestro CLI wrote', manifest.error, json);
  return manifest.data;
}
