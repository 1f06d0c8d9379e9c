// The API document, made from the endpoints. Loaded when it is first asked for.
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import type { Endpoint, Method } from './endpoint.ts';
import { endpoints } from './endpoints.ts';
import { refusalsOf, refusalView } from './errors.ts';

export interface Described {
  version: string;
  /** Where this server is reached. */
  serverUrl: string;
}

const about = `Projects, tasks, sessions and queues of coding agents on one machine.

Times are Unix milliseconds. An empty body is \`{}\`; unknown fields are ignored; \`null\` for an optional field means "not given".
What was answered is on disk. Every change is also told as a fact over WebSocket: \`asyncapi.json\` describes that side.`;

const IdempotencyKey = z
  .string()
  .min(1)
  .max(255)
  .optional()
  .describe('The same key with the same body gets the first answer again, for 24 h.');
const Prefer = z
  .string()
  .optional()
  .describe('`return=minimal` asks for what was added in place of the whole session.');

/** An OpenAPI 3.1 document. */
export const openApiDocument = ({ version, serverUrl }: Described) =>
  createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Maestro Server',
        version,
        description: about,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: serverUrl }],
      tags: Object.keys(endpoints).map((name) => ({ name })),
      security: [{}, { token: [] }],
      paths: paths(),
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            description: 'Where the server was started with MAESTRO_TOKEN.',
          },
        },
      },
    },
    // One name for each shape: what is asked for and what is answered have names of their own.
    { outputIdSuffix: '' },
  );

function paths() {
  const all: Record<string, Partial<Record<Method, ZodOpenApiOperationObject>>> = {};
  for (const [tag, group] of Object.entries(endpoints))
    for (const endpoint of group)
      all[endpoint.path] = { ...all[endpoint.path], [endpoint.method]: operation(tag, endpoint) };
  return all;
}

function operation(tag: string, endpoint: Endpoint): ZodOpenApiOperationObject {
  const { method, path, summary, description, query, body, words = {}, minimal, tells = [] } = endpoint;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const headers = {
    ...(method === 'post' && { 'Idempotency-Key': IdempotencyKey }),
    ...(minimal && { Prefer }),
  };
  const told = tells.length > 0 ? `Tells ${tells.map((fact) => `\`${fact}\``).join(', ')}.` : undefined;
  return {
    operationId: operationId(method, path),
    tags: [tag],
    summary,
    description: [description, told].filter((text) => text !== undefined).join('\n\n'),
    requestParams: {
      ...(names.length > 0 && {
        path: z.object(Object.fromEntries(names.map((name) => [name, words[name] ?? z.string()]))),
      }),
      ...(query && { query }),
      ...(Object.keys(headers).length > 0 && { header: z.object(headers) }),
    },
    ...(endpoint.needsNoToken && { security: [] }),
    ...(body && { requestBody: { content: { 'application/json': { schema: body } } } }),
    responses: responsesOf(endpoint),
  };
}

/** `get /api/tasks/{id}/children` is getTasksIdChildren. */
const operationId = (method: Method, path: string): string =>
  method +
  path
    .replace(/^\/api/, '')
    .split(/[^A-Za-z]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');

function responsesOf(endpoint: Endpoint): ZodOpenApiResponsesObject {
  const responses: ZodOpenApiResponsesObject = {};
  const { answers, minimal } = endpoint;
  for (const [status, whole] of Object.entries(answers))
    responses[status as '200' | '201'] = {
      description: STATUS_CODES[status] ?? status,
      content: { 'application/json': { schema: minimal ? z.union([whole, minimal]) : whole } },
    };
  for (const [status, codes] of refusalsOf(endpoint))
    responses[String(status) as '400'] = {
      description: codes.map((code) => `\`${code}\``).join(', '),
      content: { 'application/json': { schema: refusalView(codes) } },
    };
  return responses;
}
