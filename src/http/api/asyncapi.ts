// The document of the WebSocket side, made from the facts. Loaded when it is first asked for.
import { z } from 'zod';
import { FactType } from '../../domain/facts.ts';
import { factView, Ping, Pong, Resync } from './facts.ts';
import type { Described } from './openapi.ts';
import * as views from './views.ts';

const about = `Facts to watchers, in the order in which they became true and never before they are on disk.

A plain connection hears of projects, tasks and sessions; \`topics\` adds the facts of queues and templates.
A client that comes back with \`since\` misses nothing.`;

const query = {
  type: 'object',
  properties: {
    topics: { type: 'string', description: '`queue`, `template`, both with a comma between, or `all`.' },
    projectId: { type: 'string', description: 'Narrows to one project; facts of no project still come.' },
    view: { type: 'string', enum: ['changes'], description: 'Makes `session:updated` small.' },
    since: { type: 'integer', minimum: 0, description: 'First what was missed after this `seq`.' },
    token: { type: 'string', description: 'For clients that can set no header.' },
  },
};

/** An AsyncAPI 3 document, from the server's point of view: it sends facts and receives pings. */
export function asyncApiDocument({ version, serverUrl }: Described) {
  const { host, protocol } = new URL(serverUrl);
  const sent = new Map<string, { type: string; view: z.ZodType }>([
    ...FactType.options.map((type) => [nameOf(type), { type, view: factView(type) }] as const),
    ['resync', { type: 'resync', view: Resync }],
    ['pong', { type: 'pong', view: Pong }],
  ]);
  const received = new Map([['ping', { type: 'ping', view: Ping }]]);
  const payloads = schemas(new Map([...sent, ...received]));
  const names = [...sent.keys()];
  const messageIn = (name: string) => ({ $ref: `#/channels/facts/messages/${name}` });
  return {
    asyncapi: '3.0.0',
    info: { title: 'Maestro Server', version, description: about, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    servers: { local: { host, protocol: protocol === 'https:' ? 'wss' : 'ws' } },
    channels: {
      facts: {
        address: '/ws',
        description: '`/` is the same.',
        bindings: { ws: { query } },
        messages: Object.fromEntries(
          [...sent.keys(), ...received.keys()].map((name) => [
            name,
            { $ref: `#/components/messages/${name}` },
          ]),
        ),
      },
    },
    operations: {
      tell: { action: 'send', channel: { $ref: '#/channels/facts' }, messages: names.map(messageIn) },
      hear: { action: 'receive', channel: { $ref: '#/channels/facts' }, messages: [messageIn('ping')] },
    },
    components: {
      messages: Object.fromEntries(
        [...sent, ...received].map(([name, { type }]) => [
          name,
          { name: type, payload: { $ref: `#/components/schemas/${name}` } },
        ]),
      ),
      schemas: payloads,
    },
  };
}

/** `session:task_added` is sessionTaskAdded: a key must be a plain word. */
const nameOf = (type: string): string =>
  type.replaceAll(/[:_](\w)/g, (_, letter: string) => letter.toUpperCase());

/** The payloads and the views that they show, each once and under its name. */
function schemas(messages: ReadonlyMap<string, { view: z.ZodType }>): Record<string, unknown> {
  const registry = z.registry<{ id: string }>();
  for (const view of Object.values(views)) registry.add(view, { id: z.globalRegistry.get(view)?.id ?? '' });
  for (const [id, { view }] of messages) registry.add(view, { id });
  const made = z.toJSONSchema(registry, { target: 'draft-7', uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]),
  );
}
