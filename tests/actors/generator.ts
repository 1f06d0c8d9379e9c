// A manifest generator that does what the test says, when it says so.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asError, MaestroError } from '../../src/domain/errors.ts';
import type { ManifestGenerator, ManifestOrder } from '../../src/manifest/generator.ts';

/** One manifest that was asked for. */
export interface Asked {
  order: ManifestOrder;
  signal: AbortSignal;
  /** Writes the manifest. */
  make: () => void;
  fail: (message: string) => void;
}

export class ScriptedGenerator implements ManifestGenerator {
  /** All that were asked for, in order. */
  readonly asked: Asked[] = [];
  /** Whether manifests are made at once, without the test's word. */
  prompt = false;
  /** Whether it goes on when it is told to end, as a process might. */
  stubborn = false;
  #running = 0;

  get running(): number {
    return this.#running;
  }

  async generate(order: ManifestOrder, signal: AbortSignal): Promise<void> {
    this.#running += 1;
    let abort = (): void => undefined;
    try {
      signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        abort = () => reject(asError(signal.reason));
        if (!this.stubborn) signal.addEventListener('abort', abort, { once: true });
        const fail = (message: string): void =>
          reject(new MaestroError('MANIFEST_GENERATION_ERROR', message));
        this.asked.push({ order, signal, make: resolve, fail });
        if (this.prompt) resolve();
      });
      await mkdir(dirname(order.path), { recursive: true });
      await writeFile(order.path, JSON.stringify({ manifestVersion: '1.0', attempt: this.asked.length }));
    } finally {
      signal.removeEventListener('abort', abort);
      this.#running -= 1;
    }
  }
}
