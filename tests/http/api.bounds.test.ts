// No endpoint takes a text, list or map without a bound, and docs/configuration.md says the same bounds as the schemas.
// What is looked at is the API document: so that it shows them too.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  BODY_BYTES,
  BODY_DEPTH,
  BODY_ENTRIES,
  BODY_FIELDS,
  ENV_VARIABLES,
  SESSION_ENV_BYTES,
  SESSION_METADATA_BYTES,
  written,
} from '../../src/domain/bounds.ts';
import { BOUNDED_BY_BODY } from '../../src/domain/fields.ts';
import { openApiDocument } from '../../src/http/api/openapi.ts';

const document: any = openApiDocument({ version: '0.0.0', serverUrl: 'http://localhost:3000' });

/** Bounded with the head of the request, of which they are a part. */
const ofTheHead = ['Prefer'];

interface Found {
  /** The name of the field, also for what stands in its list. */
  field: string;
  where: string;
  /** As docs/configuration.md writes it; null for none. */
  bound: string | null;
}

function boundsOf(schema: any, field: string, where: string): Found[] {
  if (schema.$ref !== undefined)
    return boundsOf(document.components.schemas[schema.$ref.split('/').at(-1)], field, where);
  const found = (bound: string | null): Found[] => [{ field, where: `${where} ${field}`, bound }];
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  if (parts.length > 0) return parts.flatMap((part) => boundsOf(part, field, where));
  if (schema.enum !== undefined || schema.const !== undefined) return [];
  if (schema.description === BOUNDED_BY_BODY) return found('what a body can hold');
  switch (schema.type) {
    case 'string':
      return found(schema.maxLength === undefined ? null : `${written(schema.maxLength)} characters`);
    case 'array':
      return [
        ...found(schema.maxItems === undefined ? null : `${written(schema.maxItems)} entries`),
        ...boundsOf(schema.items, field, where),
      ];
    case 'object':
      return [
        ...Object.entries<any>(schema.properties ?? {}).flatMap(([name, value]) =>
          boundsOf(value, name, where),
        ),
        ...(schema.properties === undefined
          ? found(schema.maxProperties === undefined ? null : `${written(schema.maxProperties)} variables`)
          : []),
        ...(typeof schema.additionalProperties === 'object'
          ? boundsOf(schema.additionalProperties, field, where)
          : []),
      ];
    case 'number':
    case 'integer':
    case 'boolean':
    case 'null':
      return [];
    default:
      return found(schema.maxLength === undefined ? null : `${written(schema.maxLength)} characters`);
  }
}

const inputs: Found[] = Object.entries<any>(document.paths).flatMap(([path, methods]) =>
  Object.entries<any>(methods).flatMap(([method, { parameters = [], requestBody }]) => [
    ...parameters
      .filter((each: any) => each.in !== 'path' && !ofTheHead.includes(each.name))
      .flatMap((each: any) => boundsOf(each.schema, each.name, `${method} ${path}`)),
    ...(requestBody
      ? boundsOf(requestBody.content['application/json'].schema, 'body', `${method} ${path}`)
      : []),
  ]),
);

const section = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  .split('## What a request may carry')[1]
  ?.split('\n## ')[0];
const rows = (section ?? '')
  .split('\n')
  .filter((line) => /^\| (?!field|---)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, fields = '', bound = '', answer = '']) => ({ fields, bound, answer }));

it('each text, list and map that a request may carry has a bound, and the document shows it', () => {
  expect(inputs.length).toBeGreaterThan(50);
  expect(inputs.filter(({ bound }) => bound === null).map(({ where }) => where)).toEqual([]);
});

it('docs/configuration.md names each field with the bound of its schema', () => {
  for (const { field, where, bound } of inputs) {
    const row = rows.find(
      ({ fields }) =>
        fields.split(/ of | with |, /).includes(`\`${field}\``) || fields.startsWith(`\`${field}\` (`),
    );
    expect(row?.bound ?? 'no row', where).toContain(bound);
  }
});

it('docs/configuration.md names no field that no request has', () => {
  const known = new Set(inputs.map(({ field }) => field));
  const named = rows.flatMap(({ fields }) => [...fields.matchAll(/`(\S+)`/g)].map(([, name = '']) => name));
  // Checked as a number, which the document does not call a bound.
  expect(named.filter((name) => !known.has(name))).toEqual(['timestamp']);
});

it('docs/configuration.md names the bounds of the body and of what accumulates', () => {
  const boundsAt = (fields: string) => rows.filter((row) => row.fields === fields).map(({ bound }) => bound);
  const KIB = 1024;
  const ofBody = boundsAt('the body').join('; ');
  expect(ofBody).toContain(`${BODY_BYTES / KIB / KIB} MiB`);
  expect(ofBody).toContain(`${BODY_DEPTH} objects and lists`);
  expect(ofBody).toContain(`${written(BODY_FIELDS)} fields`);
  expect(ofBody).toContain(`${written(BODY_ENTRIES)} entries`);
  expect(boundsAt('`env`').join()).toContain(`${ENV_VARIABLES} variables`);
  const merged = 'of a session, with all that was merged into it';
  expect(boundsAt(`\`metadata\` ${merged}`).join()).toContain(`${SESSION_METADATA_BYTES / KIB / KIB} MiB`);
  expect(boundsAt(`\`env\` ${merged}`).join()).toContain(`${SESSION_ENV_BYTES / KIB} KiB`);
});
