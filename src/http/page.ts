// The page at `/`, as the build puts it together. Everything comes from this package: it works offline.
import { join } from 'node:path';
import express, { Router, type Request, type Response } from 'express';

/** Holds index.html, and in `assets/` files whose names change with their content. */
export function page(folder: string): Router {
  const router = Router({ strict: true });
  router.get('/', (request, response) => {
    if (!isFolder(request)) {
      // Relative addresses would lead past the `/t/{token}` prefix. The `./` keeps `/t/https:elsewhere` from being one of its own.
      const [path = ''] = request.originalUrl.split('?');
      response.redirect(302, `./${path.slice(path.lastIndexOf('/') + 1)}/`);
      return;
    }
    protect(request, response);
    response.sendFile(join(folder, 'index.html'), neverKept);
  });
  router.use(
    '/assets',
    express.static(join(folder, 'assets'), {
      index: false,
      immutable: true,
      maxAge: '1y',
      setHeaders: noSniff,
    }),
  );
  return router;
}

/**
 * For files whose names stay the same over releases: nothing that a browser could ask with. npm gives the files of every
 * release the same time, so size and time, from which validators are made, can be those of another release.
 */
export const neverKept = {
  etag: false,
  lastModified: false,
  cacheControl: false,
  headers: { 'Cache-Control': 'no-cache' },
};

const isFolder = ({ originalUrl }: Request): boolean => /^[^?]*\/(\?|$)/.test(originalUrl);

/** The page's own scripts and styles, this server's answers and facts, and nothing from elsewhere. */
function protect(request: Request, response: Response): void {
  // Not every browser takes 'self' to mean the WebSocket of the same host too. The guard has checked the host. For an
  // IPv6 address there is no valid source but 'self'.
  const { host = 'localhost' } = request.headers;
  const sockets = host.startsWith('[') ? '' : ` ws://${host}`;
  response.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
      `connect-src 'self'${sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  response.setHeader('Referrer-Policy', 'no-referrer');
  noSniff(response);
}

function noSniff(response: Response): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
}
