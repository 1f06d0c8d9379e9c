// A hub with real sockets over records without a disk, and clients that keep what they hear.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { expect, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { FactDraft } from '../../src/domain/facts.ts';
import { Guard } from '../../src/http/guard.ts';
import { Hub } from '../../src/http/websocket.ts';
import { arrange, stillClock } from '../records/arrange.ts';

export interface Heard {
  type: string;
  seq: number;
  data?: any;
}

export interface Client {
  socket: WebSocket;
  heard: Heard[];
}

export async function startHub() {
  const { records } = arrange();
  const faults: Error[] = [];
  /** The server's ends of the connections, in the order of their upgrades. */
  const connections: Duplex[] = [];
  const guard = new Guard({
    serverUrl: 'http://localhost',
    cors: { enabled: false, origins: [], credentials: false },
    token: null,
  });
  const hub = new Hub({
    records,
    clock: stillClock,
    guard,
    debug: () => undefined,
    readManifest: () => null,
    onFault: (fault) => faults.push(fault),
  });
  const server = createServer().on('upgrade', (request, socket, head) => {
    connections.push(socket);
    hub.upgrade(request, socket, head);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  onTestFinished(async () => {
    hub.close();
    hub.terminate();
    await new Promise((resolve) => server.close(resolve));
  });
  const connect = async (query = ''): Promise<Client> => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws${query}`);
    const heard: Heard[] = [];
    socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString('utf8')) as Heard));
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    return { socket, heard };
  };
  /** One turn with these facts; resolves when they are durable. */
  const publish = (...facts: FactDraft[]): Promise<void> =>
    records.turn((turn) => facts.forEach((fact) => turn.tell(fact)));
  return { hub, records, faults, connections, connect, publish };
}

/** An association: a fact whose data is its own. */
export const association = (data: Record<string, unknown>, projectId = 'proj_a'): FactDraft => ({
  type: 'session:task_added',
  kind: 'session',
  id: 'sess_a',
  projectId,
  data,
});

/** Waits until a client has heard so many messages. */
export const heardBy = (client: Client, count: number) =>
  expect.poll(() => client.heard.length, { timeout: 20_000, interval: 5 }).toBe(count);
