// A built server under attack, with an honest client and an honest watcher whose life must not change.
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import type { Api } from '../support/api.ts';
import { startProcess, type ServerProcess } from '../support/server.ts';
import { Watch } from '../support/watch.ts';

const MIB = 1024 * 1024;
/** What docs/configuration.md promises of a server under attack. */
const MEMORY_BOUND = 384 * MIB;

export class Siege {
  readonly server: ServerProcess;
  readonly projectId: string;
  readonly #watch: Watch;
  readonly #attackers = new Set<Socket>();

  private constructor(server: ServerProcess, watch: Watch, projectId: string) {
    this.server = server;
    this.#watch = watch;
    this.projectId = projectId;
  }

  static async open(): Promise<Siege> {
    const server = await startProcess();
    const watch = await Watch.open(server.api.url, '?topics=all');
    return new Siege(server, watch, await server.api.project());
  }

  get api(): Api {
    return this.server.api;
  }

  get port(): number {
    return Number(new URL(this.api.url).port);
  }

  /** A bare connection, closed when the test is over; it may be refused or cut at any time. */
  attack(text: string | Buffer = '', localAddress = '127.0.0.1'): Socket {
    const socket = connect({ port: this.port, host: '127.0.0.1', localAddress });
    this.#attackers.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#attackers.delete(socket));
    onTestFinished(() => void socket.destroy());
    // Else its end would never be seen.
    socket.resume();
    if (text.length > 0) socket.write(text);
    return socket;
  }

  /** How many of the attackers' connections are still open. */
  get attackers(): number {
    return this.#attackers.size;
  }

  /** Honest work: each request is answered, and told. */
  async honestWork(count = 20): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const { status, body } = await this.api.post('/api/tasks', { projectId: this.projectId, title: 'T' });
      expect(status, JSON.stringify(body)).toBe(201);
      await this.#watch.fact('task:created', ({ data }) => data.id === body.id);
    }
  }

  /** What the honest must find when all is over. */
  async holds(): Promise<void> {
    await this.honestWork();
    const seqs = this.#watch.heard.map(({ seq }) => seq);
    expect(seqs, 'every fact, in order').toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
    expect(this.#watch.closeCode).toBeNull();
    expect(this.server.child.exitCode, 'it has not ended').toBeNull();
    expect(this.server.output(), 'nothing was thrown past everyone').not.toMatch(
      /unhandled|uncaught|Error:/i,
    );
    const peak = this.peakBytes();
    if (peak !== null) {
      console.log(`peak memory ${Math.round(peak / MIB)} MiB`);
      expect(peak, 'peak memory').toBeLessThan(MEMORY_BOUND);
    }
  }

  /** The most memory that the server ever had; null where the system does not tell. */
  peakBytes(): number | null {
    try {
      const status = readFileSync(`/proc/${this.server.child.pid}/status`, 'utf8');
      const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
      return kibibytes === undefined ? null : Number(kibibytes) * 1024;
    } catch {
      return null; // No /proc.
    }
  }
}
