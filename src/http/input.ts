// What comes in, checked at the door: bodies are JSON objects of a bounded size and shape in UTF-8, read by the schemas
// of `domain/`.
import { isUtf8 } from 'node:buffer';
import express, { type Request, type RequestHandler } from 'express';
import type { z } from 'zod';
import { BODY_BYTES } from '../domain/bounds.ts';
import { asError, invalid, MaestroError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/fields.ts';
import { readInput } from '../domain/input.ts';
import { Role } from '../domain/session.ts';
import { checkShape } from './json-shape.ts';

/** The bytes of a body, decompressed. */
const bytesParser: RequestHandler = express.raw({ limit: BODY_BYTES, type: () => true });

/** Takes a body of no bytes only: whether a chunked one is empty is seen when it has been read. */
const emptyParser: RequestHandler = express.raw({ limit: 0, type: () => true });

const BYTE_ORDER_MARK = '\uFEFF';

/** How much of a header stands in a refusal. */
const SHOWN_LENGTH = 100;

const isEmpty = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';

const isJson = (request: Request): boolean => {
  const type = request.headers['content-type'] ?? '';
  return /^\s*application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type);
};

/** An empty body is `{}` whatever its type; any other must be a JSON object. */
export const readBody: RequestHandler = (request, response, next) => {
  if (isEmpty(request)) {
    request.body = {};
    next();
    return;
  }
  if (!isJson(request) && request.headers['transfer-encoding'] === undefined) {
    next(wrongType(request));
    return;
  }
  if (!isJson(request)) {
    emptyParser(request, response, (error?: unknown) => {
      request.body = {};
      next(error === undefined ? undefined : wrongType(request));
    });
    return;
  }
  bytesParser(request, response, (error?: unknown) => {
    if (error === undefined) readJson(request, next);
    else next(error);
  });
};

function readJson(request: Request, next: (error?: unknown) => void): void {
  try {
    request.body = parse(request);
    next();
  } catch (error) {
    next(error);
  }
}

/** @throws UNSUPPORTED_MEDIA_TYPE; VALIDATION_ERROR; PAYLOAD_TOO_LARGE. */
function parse(request: Request): JsonObject {
  checkCharset(request);
  const bytes: unknown = request.body;
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) return {};
  if (!isUtf8(bytes))
    throw new MaestroError('VALIDATION_ERROR', 'the body must be UTF-8; it holds other bytes');
  checkShape(bytes);
  const text = bytes.toString('utf8');
  let body: unknown;
  try {
    body = JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  } catch (error) {
    throw new MaestroError('VALIDATION_ERROR', `the body is not valid JSON: ${asError(error).message}`);
  }
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as JsonObject;
  throw new MaestroError('VALIDATION_ERROR', 'the body must be a JSON object');
}

/** JSON is UTF-8 (RFC 8259, 8.1). */
function checkCharset({ headers }: Request): void {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(headers['content-type'] ?? '')?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return;
  throw new MaestroError(
    'UNSUPPORTED_MEDIA_TYPE',
    `the body must be UTF-8, its charset is ${charset.slice(0, SHOWN_LENGTH)}`,
  );
}

function wrongType({ headers }: Request): MaestroError {
  const type = (headers['content-type'] ?? 'none').slice(0, SHOWN_LENGTH);
  const message = `the body must be application/json, its content type is ${type}`;
  return new MaestroError('UNSUPPORTED_MEDIA_TYPE', message);
}

/** The body as readBody() left it. */
export const bodyOf = (request: Request): JsonObject => request.body as JsonObject;

/** `null` means "not given", but for `parentId`, where it moves a task to the root. */
export const withoutNulls = (body: JsonObject): JsonObject =>
  // Most bodies hold none; those need no copy.
  Object.values(body).every((value) => value !== null)
    ? body
    : Object.fromEntries(
        Object.entries(body).filter(([name, value]) => value !== null || name === 'parentId'),
      );

/** The body as `schema` reads it. @throws VALIDATION_ERROR that names each field and what is wrong with it. */
export const read = <S extends z.ZodType>(schema: S, request: Request): z.output<S> =>
  readInput(schema, withoutNulls(bodyOf(request)), 'body');

/** The query as `schema` reads it; an empty parameter counts as not given. @throws VALIDATION_ERROR. */
export function readQuery<S extends z.ZodObject>(schema: S, request: Request): z.output<S> {
  const given = Object.entries(request.query).filter(
    ([name, value]) => value !== '' && Object.hasOwn(schema.shape, name),
  );
  for (const [name, value] of given)
    if (typeof value !== 'string')
      throw invalid(`${name} may be given once`, { [name]: 'may be given once' });
  return readInput(schema, Object.fromEntries(given), 'query');
}

/** The `:role` of the path. @throws VALIDATION_ERROR for a word that is no role. */
export function roleParam(request: Request): Role {
  const role = Role.safeParse(param(request, 'role'));
  if (role.success) return role.data;
  throw invalid('role must be "worker" or "orchestrator"', { role: 'must be worker or orchestrator' });
}

/** A named part of the path. */
export function param(request: Request, name: string): string {
  const value = request.params[name];
  return typeof value === 'string' ? value : '';
}
