// What the server sets in a manifest, whoever wrote it: things that the CLI has no flag for.
import { JsonObject } from '../domain/fields.ts';
import type { ManifestOrder } from './generator.ts';
import type { WrittenManifest } from './written.ts';

/**
 * The manifest with its role's template, its model, the project and the spawn's context in it, and without empty skill
 * names (what `--skills ''` leaves behind). The one that was handed in stays as it was. The project wins over a
 * `project` in the spawn's context.
 */
export function completeManifest(manifest: WrittenManifest, order: ManifestOrder): WrittenManifest {
  const custom = JsonObject.safeParse(manifest.context?.['custom']);
  return {
    ...manifest,
    skills: (manifest.skills ?? []).filter((skill) => typeof skill === 'string' && skill !== ''),
    session: { ...manifest.session, model: order.model },
    context: {
      ...manifest.context,
      custom: {
        ...custom.data,
        ...order.context,
        project: { id: order.project.id, name: order.project.name },
      },
    },
    templateId: order.templateId,
  };
}
