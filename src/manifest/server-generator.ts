// MANIFEST_GENERATOR=server: the same manifest, made in this process.
import { buildManifest } from './build.ts';
import { completeManifest } from './complete.ts';
import { asManifestFailure } from './failure.ts';
import type { ManifestGenerator } from './generator.ts';
import { prepareManifestFile, writeManifestFile } from './manifest-file.ts';

export function createServerGenerator(): ManifestGenerator {
  return {
    async generate(order, signal) {
      try {
        signal.throwIfAborted();
        const manifest = completeManifest(buildManifest(order), order);
        await prepareManifestFile(order.path);
        signal.throwIfAborted();
        await writeManifestFile(order.path, manifest);
        signal.throwIfAborted();
      } catch (thrown) {
        signal.throwIfAborted();
        throw asManifestFailure(thrown);
      }
    },
  };
}
