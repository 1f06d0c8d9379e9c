// The server that the suite runs against: the one at MAESTRO_CONTRACT_URL, else the built one as a process of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { spawnServer } from '../../support/server.ts';

export interface Target {
  url: string;
  token?: string | undefined;
}

declare module 'vitest' {
  export interface ProvidedContext {
    target: Target;
  }
}

const skills = fileURLToPath(new URL('../skills/', import.meta.url));

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const url = process.env['MAESTRO_CONTRACT_URL'];
  if (url !== undefined) {
    project.provide('target', { url: url.replace(/\/+$/, ''), token: process.env['MAESTRO_CONTRACT_TOKEN'] });
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'maestro-contract-'));
  const server = await spawnServer({ SKILLS_DIR: skills, MANIFEST_GENERATOR: 'cli' }, folder);
  project.provide('target', { url: server.api.url });
  return async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
