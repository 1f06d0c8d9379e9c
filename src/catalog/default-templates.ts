// The roles' prompt templates as shipped: what the first start stores, and what a reset goes back to.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '../domain/session.ts';

export interface DefaultTemplate {
  role: Role;
  name: string;
  content: string;
}

/**
 * Reads one template for each role.
 * @param assetsFolder the package's assets; a missing file is a broken package and throws the system's error
 */
export function defaultTemplates(assetsFolder: string): DefaultTemplate[] {
  const read = (role: Role) => readFileSync(join(assetsFolder, 'templates', `${role}.md`), 'utf8');
  return [
    { role: 'worker', name: 'Default Worker Template', content: read('worker') },
    { role: 'orchestrator', name: 'Default Orchestrator Template', content: read('orchestrator') },
  ];
}
