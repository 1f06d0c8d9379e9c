// The API documents, and a page to read them. Everything comes from this package: the page works offline.
import { join } from 'node:path';
import express, { Router, type Response } from 'express';
import type { Described } from './api/openapi.ts';
import { neverKept } from './page.ts';
import { sendJson } from './reply.ts';

/** The page's own scripts and nothing from elsewhere; the viewer sets styles on its elements. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export interface DocumentsOptions extends Described {
  /** Holds the page's files. */
  pageFolder: string;
}

export function documents({ pageFolder, ...described }: DocumentsOptions): Router {
  const router = Router({ strict: true });
  // Made when they are first asked for: nobody else shall wait for it at the start.
  const openApi = once(async () => (await import('./api/openapi.ts')).openApiDocument(described));
  const asyncApi = once(async () => (await import('./api/asyncapi.ts')).asyncApiDocument(described));

  router.get('/openapi.json', async (_request, response) => sendJson(response, 200, await openApi()));
  router.get('/asyncapi.json', async (_request, response) => sendJson(response, 200, await asyncApi()));

  const page = express.static(pageFolder, { ...neverKept, index: false, setHeaders });
  // Relative, so that it also holds behind a `/t/{token}` prefix.
  router.get('/docs', (_request, response) => response.redirect(302, 'docs/'));
  router.get('/docs/', (_request, response) => {
    setHeaders(response);
    response.sendFile(join(pageFolder, 'index.html'), neverKept);
  });
  router.use('/docs', page);
  return router;
}

function setHeaders(response: Response): void {
  for (const [name, value] of Object.entries(neverKept.headers)) response.setHeader(name, value);
  response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
