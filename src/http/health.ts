import type { Router } from 'express';
import type { Directory } from '../actors/directory.ts';
import type { Records } from '../records/records.ts';
import * as api from './api/service.ts';
import { sendJson } from './reply.ts';
import { Routes } from './routes.ts';
import type { Hub } from './websocket.ts';

export interface HealthOptions {
  records: Records;
  directory: Directory;
  hub: Hub;
  version: string;
  /** Unix milliseconds. */
  now: () => number;
  startedAt: number;
}

const readyStates = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'];

export function health({ records, directory, hub, version, now, startedAt }: HealthOptions): Router {
  const routes = new Routes('');

  routes.on(api.getHealth, ({ response }) => {
    const timestamp = now();
    const storage = records.status();
    // Reads go on while the disk refuses writes, and all else while one file cannot be written.
    const isWell = storage.state === 'ok' && storage.unwritten.count === 0;
    sendJson(response, 200, {
      status: isWell ? 'ok' : 'degraded',
      timestamp,
      uptime: (timestamp - startedAt) / 1000,
      version,
      storage,
      seq: records.seq,
      counts: {
        projects: records.count('project'),
        tasks: records.count('task'),
        sessions: records.count('session'),
        supervisors: directory.size,
      },
    });
  });

  routes.on(api.getWatchers, ({ response }) => {
    const clients = hub.sockets.map(({ readyState }) => ({
      readyState,
      readyStateText: readyStates[readyState],
    }));
    sendJson(response, 200, { connectedClients: clients.length, clients });
  });

  return routes.router;
}
