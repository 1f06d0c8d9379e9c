// Every refusal as the contract writes it. The table asks for the status of each code: the compiler sees to it.
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorRequestHandler } from 'express';
import { asError, MaestroError, type ErrorCode } from '../domain/errors.ts';
import { sendJson } from './reply.ts';

const statuses: Record<ErrorCode, number> = {
  VALIDATION_ERROR: 400,
  PROJECT_HAS_DEPENDENCIES: 400,
  PROJECT_NOT_FOUND: 404,
  TASK_NOT_FOUND: 404,
  SESSION_NOT_FOUND: 404,
  NOT_FOUND: 404,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  BUSINESS_RULE_ERROR: 422,
  INTERNAL_ERROR: 500,
  MANIFEST_GENERATION_ERROR: 500,
  SKILL_LOAD_ERROR: 500,
  CONFIG_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  STORAGE_UNAVAILABLE: 503,
  OVERLOADED: 503,
  missing_project_id: 400,
  invalid_task_ids: 400,
  invalid_spawn_source: 400,
  missing_session_id: 400,
  parent_session_not_found: 404,
  invalid_role: 400,
  invalid_strategy: 400,
  task_not_found: 404,
  project_not_found: 404,
  manifest_generation_failed: 500,
  spawn_error: 500,
};

const RETRY_AFTER_SECONDS = '1';

export const statusOfCode = (code: ErrorCode): number => statuses[code];

export const statusOf = (error: MaestroError): number => statusOfCode(error.code);

export interface ErrorBody {
  error: true;
  code: ErrorCode;
  message: string;
  statusCode: number;
  details?: Record<string, unknown>;
  errors?: string[];
}

export function errorBody(error: MaestroError): ErrorBody {
  const { code, message, details } = error;
  const body: ErrorBody = { error: true, code, message, statusCode: statusOf(error) };
  if (details) body.details = details;
  if (details && code === 'VALIDATION_ERROR')
    body.errors = Object.entries(details).map(([field, problem]) => `${field} ${String(problem)}`);
  return body;
}

/** What express or its parsers throw, as a refusal of ours; undefined for a bug. */
function known(error: unknown): MaestroError | undefined {
  if (error instanceof MaestroError) return error;
  const { type, status } = error as { type?: unknown; status?: unknown };
  if (type === 'entity.too.large')
    return new MaestroError('PAYLOAD_TOO_LARGE', 'the body is larger than 1 MiB', undefined, {
      cause: error,
    });
  if (type === 'entity.parse.failed')
    return new MaestroError('VALIDATION_ERROR', `the body is not valid JSON: ${asError(error).message}`);
  if (type === 'charset.unsupported' || type === 'encoding.unsupported' || status === 415)
    return new MaestroError('UNSUPPORTED_MEDIA_TYPE', asError(error).message);
  // A part of the path that is no percent-encoded text can be no id of ours.
  if (error instanceof URIError || status === 404)
    return new MaestroError('NOT_FOUND', 'there is nothing at a path like this');
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new MaestroError('VALIDATION_ERROR', asError(error).message);
  return undefined;
}

export interface ErrorLog {
  error: (fields: object, message: string) => void;
}

/** The last handler: refusals as they are; a bug as INTERNAL_ERROR with an id, its stack and paths in the log only. */
export const errorHandler =
  (log: ErrorLog, newRequestId: () => string): ErrorRequestHandler =>
  (thrown: unknown, request, response, next) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    const refusal = known(thrown);
    if (refusal) {
      if (statusOf(refusal) === 503) response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
      sendJson(response, statusOf(refusal), errorBody(refusal));
      return;
    }
    const requestId = newRequestId();
    log.error(
      { err: asError(thrown), requestId, method: request.method, path: request.path },
      'a request failed',
    );
    response.setHeader('x-request-id', requestId);
    const message = `something went wrong inside the server; its log has more under ${requestId}`;
    sendJson(response, 500, errorBody(new MaestroError('INTERNAL_ERROR', message, { requestId })));
  };

/** For a client that does not take the last bytes of its connection. */
const LAST_BYTES_MS = 1_000;

/**
 * Destroys a socket that was ended once its last bytes are handed over, or after `LAST_BYTES_MS`. A socket that is only
 * ended stays for as long as the client keeps its own half open, and counts as a connection.
 */
export function destroyOnceSent(socket: Duplex): void {
  const limit = setTimeout(() => socket.destroy(), LAST_BYTES_MS);
  socket.once('close', () => clearTimeout(limit));
  socket.on('error', () => socket.destroy());
  // What the client still sends is read: the system takes back an answer when a socket is closed with bytes unread.
  socket.resume();
  const destroySoon = (): void => void setImmediate(() => socket.destroy());
  if (socket.writableFinished) destroySoon();
  else socket.once('finish', destroySoon);
}

/** The same refusal on a connection that has no response: an upgrade, or what is no HTTP. It is closed then. */
export function refuseOn(socket: Duplex, refusal: MaestroError): void {
  const status = statusOf(refusal);
  const text = JSON.stringify(errorBody(refusal));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
  destroyOnceSent(socket);
}
