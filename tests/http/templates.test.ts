import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.ts';

describe('templates', () => {
  it('has one default for each role from the first start on, and makes them once', async () => {
    const server = await startServer();
    const byRole = (a: any, b: any): number => (a.role < b.role ? 1 : -1);
    const first = (await server.api.get('/api/templates')).body.sort(byRole);
    expect(first.map(({ role, isDefault }: any) => [role, isDefault])).toEqual([
      ['worker', true],
      ['orchestrator', true],
    ]);
    const again = await server.restart();
    expect((await again.api.get('/api/templates')).body.sort(byRole)).toEqual(first);
  });
});
