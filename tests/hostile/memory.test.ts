// What is held has a size: what was said and is gone costs neither memory nor disk, nor the next start.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startProcess, type ServerProcess } from '../support/server.ts';

const MIB = 1024 * 1024;
/** How far from where it began a server may be when nothing of what was said is left. */
const MEMORY_BYTES = 32 * MIB;
const JOURNAL_BYTES = 8 * MIB;
const WAIT = { timeout: 60_000, interval: 500 };
const megabyte = 'x'.repeat(1_000_000);

/** Bytes that the system tells of a process: `VmRSS` now, `VmHWM` at most. */
const memoryOf = ({ child }: ServerProcess, name: 'VmRSS' | 'VmHWM'): number => {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
};

const bytesIn = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? bytesIn(path) : statSync(path).size);
  }, 0);

describe.runIf(process.platform === 'linux')('what is gone', () => {
  it('leaves memory and journal as they were: 150 spawns of 1 MB, each session deleted', async () => {
    const server = await startProcess();
    const { api, folder } = server;
    const projectId = await api.project();
    const taskIds = [await api.task(projectId)];
    const before = memoryOf(server, 'VmRSS');
    for (let index = 0; index < 150; index += 1) {
      const { body } = await api.post('/api/sessions/spawn', { projectId, taskIds, context: { megabyte } });
      expect((await api.delete(`/api/sessions/${body.sessionId}`)).status).toBe(200);
    }
    await expect.poll(() => memoryOf(server, 'VmRSS') - before, WAIT).toBeLessThan(MEMORY_BYTES);
    await expect.poll(() => bytesIn(join(folder, 'data/journal')), WAIT).toBeLessThan(JOURNAL_BYTES);
  });

  it('costs nothing at the start after a kill: one task that was 1 MB a hundred times', async () => {
    const first = await startProcess();
    const plain = memoryOf(first, 'VmHWM');
    const projectId = await first.api.project();
    const id = await first.api.task(projectId);
    for (let index = 0; index < 100; index += 1)
      await first.api.patch(`/api/tasks/${id}`, { description: `${index}${megabyte}` });
    await first.api.patch(`/api/tasks/${id}`, { description: '' });
    const journal = join(first.folder, 'data/journal');
    await expect.poll(() => bytesIn(journal), WAIT).toBeLessThan(JOURNAL_BYTES);
    await first.kill();
    const second = await startProcess({}, first.folder);
    expect((await second.api.get(`/api/tasks/${id}`)).body.description).toBe('');
    expect(memoryOf(second, 'VmHWM') - plain).toBeLessThan(MEMORY_BYTES);
  });
});
