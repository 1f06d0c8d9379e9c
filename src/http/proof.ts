// Asked before the token is sent: whether this server is the one that wrote the entry in `~/.maestro/token`.
import type { Request, Router } from 'express';
import { MaestroError } from '../domain/errors.ts';
import * as api from './api/service.ts';
import { sendJson } from './reply.ts';
import { Routes } from './routes.ts';

/** The proof for a nonce on the connection whose end at the server has this address and port. */
export type Prove = (nonce: string, end: { address: string; port: number }) => string;

/** Whether a request is answered without the token. `path` may have a query behind it. */
export const needsNoToken = ({ method }: Request, path: string): boolean =>
  method === 'GET' && path.split('?', 1)[0] === api.getProof.path;

/** @param prove null where no token is set. */
export function proof(prove: Prove | null): Router {
  const routes = new Routes('');
  if (!prove)
    routes.router.get(api.getProof.path, () => {
      throw new MaestroError('NOT_FOUND', 'this server asks for no token, and has nothing to prove');
    });
  else
    routes.on(api.getProof, ({ request, response, query }) => {
      const { localAddress: address = '', localPort: port = 0 } = request.socket;
      sendJson(response, 200, { proof: prove(query.nonce, { address, port }) });
    });
  return routes.router;
}
