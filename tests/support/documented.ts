// Holds what the server says against its own documents: every answer that a test gets over HTTP, and every message that
// one hears over WebSocket.
import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { asyncApiDocument } from '../../src/http/api/asyncapi.ts';
import { openApiDocument } from '../../src/http/api/openapi.ts';

const described = { version: '0.0.0', serverUrl: 'http://localhost:3000' };

/** Views let through what other programs have left in files. There is nothing of the kind in tests: all else is a leak. */
function closed<D extends { components?: { schemas?: unknown } }>(document: D): D {
  const copy: any = structuredClone(document);
  for (const schema of Object.values<any>(copy.components.schemas))
    if (schema.properties && schema.additionalProperties !== undefined) schema.additionalProperties = false;
  return copy;
}

const openApi: any = closed(openApiDocument(described));
const answers = new Ajv2020({ strict: false, allErrors: true }).addSchema(openApi, 'openapi');
const paths = Object.keys(openApi.paths).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  isFixed: !path.includes('{'),
}));
/** `/api/sessions/spawn` is no session's id. */
paths.sort((a, b) => Number(b.isFixed) - Number(a.isFixed));

const asyncApi: any = closed(asyncApiDocument(described));
const messages = new Ajv({ strict: false, allErrors: true }).addSchema(asyncApi, 'asyncapi');
const messageNames = new Map<string, string>(
  Object.entries<any>(asyncApi.components.messages).map(([name, { name: type }]) => [type, name]),
);

/** @throws with what differs, when an answer is none that the document allows. */
export function checkAnswer(method: string, url: string, status: number, body: unknown): void {
  const where = `${method} ${url} ${status}`;
  const pathname = url.replace(/\?.*$/s, '').replace(/^\/t\/[^/]+/, '');
  const found = paths.find(({ pattern }) => pattern.test(pathname));
  const operation = found && openApi.paths[found.path][method.toLowerCase()];
  if (operation === undefined) {
    if (status >= 400) holds(answers, 'openapi#/components/schemas/Error', body, where);
    return;
  }
  if (operation.responses[status] === undefined) throw new Error(`${where} is not in the document`);
  const at = [
    found?.path ?? '',
    method.toLowerCase(),
    'responses',
    String(status),
    'content',
    'application/json',
  ];
  const pointer = at.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).map(encodeURIComponent);
  holds(answers, `openapi#/paths/${pointer.join('/')}/schema`, body, where);
}

/** @throws with what differs, when a message is none that the document allows. */
export function checkMessage(message: { type: string }): void {
  const name = messageNames.get(message.type);
  if (name === undefined) throw new Error(`a message of type ${message.type} is not in the document`);
  holds(messages, `asyncapi#/components/schemas/${name}`, message, `a message of type ${message.type}`);
}

type Schemas = Pick<Ajv, 'getSchema' | 'errorsText'>;

function holds(ajv: Schemas, reference: string, value: unknown, where: string): void {
  const validate: ValidateFunction | undefined = ajv.getSchema(reference);
  if (!validate) throw new Error(`there is no ${reference}`);
  if (validate(value)) return;
  const faults = ajv.errorsText(validate.errors, { dataVar: 'body' });
  throw new Error(`${where} differs from its document: ${faults}\n${JSON.stringify(value).slice(0, 2000)}`);
}
