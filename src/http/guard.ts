// Who may speak to the server. A web page in the user's browser must not drive agents, nor by DNS rebinding: so the
// Host and the Origin of each request and upgrade are checked, and the token where one is set.
import { timingSafeEqual, createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { MaestroError } from '../domain/errors.ts';

export interface GuardOptions {
  /** SERVER_URL, or what follows from the port. */
  serverUrl: string;
  cors: { enabled: boolean; origins: string[]; credentials: boolean };
  token: string | null;
}

const ownHosts = ['localhost', '127.0.0.1', '[::1]'];
const ownOrigins = [
  /^tauri:\/\/localhost$/,
  /^https?:\/\/tauri\.localhost$/,
  /^http:\/\/(?:localhost|127\.0\.0\.1):\d+$/,
];
const tokenPrefix = /^\/t\/([^/?]+)/;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

export class Guard {
  readonly #options: GuardOptions;
  readonly #server: { hostname: string; origin: string; protocol: string };

  constructor(options: GuardOptions) {
    this.#options = options;
    const { hostname, origin, protocol } = new URL(options.serverUrl);
    this.#server = { hostname, origin, protocol };
  }

  /** The path without a `/t/{token}` prefix. */
  pathOf(url: string): string {
    const path = url.replace(tokenPrefix, '');
    return path.startsWith('/') ? path : `/${path}`;
  }

  /** @throws FORBIDDEN for a foreign host or origin. */
  checkSource(request: IncomingMessage): void {
    const host = hostOf(request);
    if (!isOwnHost(host, request) && host !== this.#server.hostname)
      throw new MaestroError(
        'FORBIDDEN',
        `requests for the host "${host}" are not answered; use ${this.#options.serverUrl}`,
      );
    const { origin } = request.headers;
    if (origin !== undefined && !this.#isAllowed(origin, request))
      throw new MaestroError(
        'FORBIDDEN',
        `pages of ${origin} may not use this server; CORS_ORIGINS can allow them`,
      );
  }

  /** @throws UNAUTHORIZED when a token is set and the request does not carry it. */
  checkToken(request: IncomingMessage, url: string, mayBeInQuery: boolean): void {
    const { token } = this.#options;
    if (token === null) return;
    const expected = digest(token);
    for (const given of tokensOf(request, url, mayBeInQuery))
      if (timingSafeEqual(digest(given), expected)) return;
    throw new MaestroError(
      'UNAUTHORIZED',
      'this server asks for a token: send it as "Authorization: Bearer …"',
    );
  }

  /** The headers by which a browser lets the page of an allowed origin read the answer. */
  corsHeaders(request: IncomingMessage): Record<string, string> {
    const { enabled, credentials } = this.#options.cors;
    const { origin } = request.headers;
    if (!enabled || origin === undefined || !this.#isAllowed(origin, request)) return {};
    return {
      'Access-Control-Allow-Origin': origin,
      Vary: 'Origin',
      'Access-Control-Expose-Headers': 'x-request-id, preference-applied, retry-after',
      ...(credentials && { 'Access-Control-Allow-Credentials': 'true' }),
    };
  }

  #isAllowed(origin: string, request: IncomingMessage): boolean {
    const { origins } = this.#options.cors;
    if (origin === 'null') return false;
    return (
      origin === this.#server.origin ||
      this.#isOwnPage(origin, request) ||
      ownOrigins.some((pattern) => pattern.test(origin)) ||
      origins.includes(origin) ||
      origins.includes('*')
    );
  }

  /**
   * Whether the page came from this server: its origin is the host of the request, which browsers write alike in both.
   * The host of a SERVER_URL with https has no pages without it: they could be anybody's on the way.
   */
  #isOwnPage(origin: string, request: IncomingMessage): boolean {
    if (origin !== `http://${request.headers.host?.toLowerCase() ?? ''}`) return false;
    const host = hostOf(request);
    return isOwnHost(host, request) || (host === this.#server.hostname && this.#server.protocol === 'http:');
  }
}

const hostOf = ({ headers }: IncomingMessage): string =>
  (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();

/** An address that the connection came to is no name that somebody could have pointed here. */
function isOwnHost(host: string, { socket }: IncomingMessage): boolean {
  if (ownHosts.includes(host)) return true;
  const address = socket.localAddress?.replace(/^::ffff:(?=\d+\.)/i, '');
  return address !== undefined && host === (isIPv6(address) ? `[${address}]` : address);
}

function tokensOf({ headers }: IncomingMessage, url: string, mayBeInQuery: boolean): string[] {
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const prefix = tokenPrefix.exec(url)?.[1];
  const query = mayBeInQuery ? new URL(url, 'http://localhost').searchParams.get('token') : null;
  return [bearer, prefix && safeDecode(prefix), query].filter((text) => typeof text === 'string');
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // Not percent-encoded properly: then it is not the token either.
  }
}
