// The built server while its disk fails it: what is acknowledged stays, what is refused never happened, reads go on, and
// when the disk is well again the server goes on by itself.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { canMount, readEveryFile, smallDisk } from '../storage/small-disk.ts';
import type { Api } from '../support/api.ts';
import { temporaryFolder } from '../support/folder.ts';
import { Ledger, sumOf } from '../support/ledger.ts';
import { canTrace, failing } from './failing.ts';
import { startProcess, type ServerProcess } from '../support/server.ts';
import { Watch } from '../support/watch.ts';

const CLIENTS = 6;

/** Clients at work on a server, and a watcher. */
class Scene {
  readonly server: ServerProcess;
  readonly #ledgers = Array.from({ length: CLIENTS }, () => new Ledger());
  readonly #watch: Watch;
  #isOver = false;
  readonly #working: Promise<unknown>;

  private constructor(server: ServerProcess, watch: Watch, projectId: string) {
    this.server = server;
    this.#watch = watch;
    const isOver = () => this.#isOver;
    this.#working = Promise.all(this.#ledgers.map((ledger) => ledger.work(server.api, projectId, isOver)));
  }

  static async open(folder: string, dataFolder = join(folder, 'data')): Promise<Scene> {
    const server = await startProcess({ DATA_DIR: dataFolder, LOG_FORMAT: 'json' }, folder);
    const watch = await Watch.open(server.api.url, '?topics=all&since=0');
    return new Scene(server, watch, await server.api.project());
  }

  async until(what: 'acknowledged' | 'refused', more: number): Promise<void> {
    const goal = sumOf(this.#ledgers)[what] + more;
    await expect
      .poll(() => sumOf(this.#ledgers)[what], { timeout: 20_000, message: what })
      .toBeGreaterThanOrEqual(goal);
  }

  /** Reads go on, and the server says what is wrong. */
  async isDegraded(): Promise<void> {
    const health = await this.server.api.get('/health');
    expect(health.status).toBe(200);
    expect(health.body).toMatchObject({ status: 'degraded', storage: { state: 'refusing' } });
    expect((await this.server.api.get('/api/tasks')).status).toBe(200);
  }

  /** The clients stop, the server is killed, and another one is asked for all that was acknowledged. */
  async end(): Promise<Api> {
    this.#isOver = true;
    await this.#working;
    const { api, folder, kill } = this.server;
    for (const ledger of this.#ledgers) await ledger.check(api);
    const { seq } = (await api.get('/health')).body;
    await this.#watch.until(({ heard }) => heard.at(-1)?.seq === seq);
    expect(this.#watch.heard.map((fact) => fact.seq)).toEqual(Array.from({ length: seq }, (_, i) => i + 1));
    await kill();
    const again = await startProcess({ DATA_DIR: this.dataFolder, LOG_FORMAT: 'json' }, folder);
    for (const ledger of this.#ledgers) await ledger.check(again.api);
    expect((await again.api.get('/health')).body).toMatchObject({ status: 'ok', seq });
    expect(existsSync(join(this.dataFolder, 'quarantine'))).toBe(false);
    return again.api;
  }

  get dataFolder(): string {
    return /"dataDir":"([^"]+)"/.exec(this.server.output())?.[1] ?? '';
  }
}

describe.runIf(canMount())('a disk that is full, and then is not', () => {
  it('costs refused requests, and nothing else', async () => {
    const disk = smallDisk(8);
    const scene = await Scene.open(temporaryFolder(), disk.folder);
    for (let round = 0; round < 3; round += 1) {
      await scene.until('acknowledged', 100);
      disk.fill(32 * 1024);
      disk.fill(0);
      await scene.until('refused', 50);
      await scene.isDegraded();
      readEveryFile(disk.folder);
      disk.free();
    }
    await scene.until('acknowledged', 100);
    await scene.end();
    expect(scene.server.output()).toContain('the disk refuses writes: ENOSPC');
  });
});

describe.runIf(canTrace())('a disk whose calls fail, and then do not', () => {
  it.each([
    ['a sync that fails with EIO', 'fdatasync,fsync', 'EIO'],
    ['writes that fail with EIO', 'pwrite64', 'EIO'],
    ['a file system that has become read-only', 'pwrite64,openat,rename,unlink,mkdir,ftruncate', 'EROFS'],
  ])('%s: requests are refused, and nothing is lost', async (_, calls, error) => {
    const scene = await Scene.open(temporaryFolder());
    for (let round = 0; round < 2; round += 1) {
      await scene.until('acknowledged', 50);
      const mend = await failing(scene.server.child.pid ?? 0, calls, error);
      await scene.until('refused', 50);
      await scene.isDegraded();
      await mend();
    }
    await scene.until('acknowledged', 50);
    await scene.end();
    expect(scene.server.output()).toContain(`the disk refuses writes: ${error}`);
  });
});

describe('what vanishes under a running server', () => {
  it('is written again with the next change of it, a file as well as a folder', async () => {
    const { api, folder } = await startProcess();
    const projectId = await api.project();
    const [taskId, other] = [await api.task(projectId), await api.task(projectId)];
    const tasks = join(folder, 'data/tasks', projectId);
    const names = () => (existsSync(tasks) ? readdirSync(tasks).sort() : []);
    await expect.poll(names).toHaveLength(2);
    rmSync(join(folder, 'data/tasks'), { recursive: true });
    expect((await api.get(`/api/tasks/${other}`)).status).toBe(200);
    expect((await api.patch(`/api/tasks/${taskId}`, { title: 'B' })).status).toBe(200);
    await expect.poll(names).toEqual([`${taskId}.json`]);
  });

  it('is not acknowledged into: the data folder was moved away, and is put back', async () => {
    const scene = await Scene.open(temporaryFolder());
    await scene.until('acknowledged', 50);
    const { dataFolder } = scene;
    renameSync(dataFolder, `${dataFolder}.away`);
    await scene.until('refused', 50);
    await scene.isDegraded();
    expect(existsSync(dataFolder)).toBe(false);
    renameSync(`${dataFolder}.away`, dataFolder);
    await scene.until('acknowledged', 50);
    await scene.end();
  });

  it('is not acknowledged into: another folder stands in its place, and stays as it is', async () => {
    const { api, folder, stop, output } = await startProcess();
    await api.project();
    const data = join(folder, 'data');
    // A write that has looked and is just being made would still go to the path: no file call of Node goes by a folder.
    await expect.poll(() => readdirSync(join(data, 'projects'))).toHaveLength(1);
    renameSync(data, `${data}.away`);
    mkdirSync(join(data, 'journal'), { recursive: true });
    mkdirSync(join(data, 'projects'));
    await delay(300); // A look at the folder counts a quarter of a second.
    const { status, body } = await api.post('/api/projects', { name: 'B' });
    expect([status, body.message]).toEqual([
      503,
      expect.stringContaining(`${data}/journal was moved or removed`),
    ]);
    await delay(600); // It tries again in between.
    expect(await stop()).toBe(0);
    expect(output()).toContain('was moved or removed');
    expect(readdirSync(data, { recursive: true }).sort()).toEqual(['journal', 'projects']);
    renameSync(data, `${data}.new`);
    renameSync(`${data}.away`, data);
    const again = await startProcess({}, folder);
    expect((await again.api.get('/api/projects')).body).toHaveLength(1);
  });
});
