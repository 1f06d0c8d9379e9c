import specs from '@asyncapi/specs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { FactType } from '../../src/domain/facts.ts';
import { startServer } from '../support/server.ts';

const methods = ['get', 'post', 'put', 'patch', 'delete'];

describe('the API document', () => {
  it('is OpenAPI 3.1, by the official schema', async () => {
    const { api } = await startServer();
    const { status, body } = await api.get('/openapi.json');
    expect(status).toBe(200);
    const validator = new Validator();
    expect(await validator.validate(body)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    expect(body.servers).toEqual([{ url: api.url.replace('127.0.0.1', 'localhost') }]);
  });

  it('holds nothing that the server does not answer, and each operation has an id of its own', async () => {
    const { api } = await startServer();
    const { paths } = (await api.get('/openapi.json')).body;
    const ids: string[] = [];
    for (const [path, operations] of Object.entries<any>(paths))
      for (const method of methods.filter((name) => name in operations)) {
        ids.push(operations[method].operationId);
        const { body } = await api.send(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'none'));
        expect(String(body.message), `${method} ${path}`).not.toMatch(/there is nothing at/);
      }
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids.length).toBeGreaterThan(45);
  });

  it('names the codes of each refusal, and the facts that follow', async () => {
    const { api } = await startServer();
    const { post } = (await api.get('/openapi.json')).body.paths['/api/sessions/{id}/queue/start'];
    expect(post.description).toContain('`queue:item_started`');
    expect(post.responses['422'].description).toBe('`BUSINESS_RULE_ERROR`');
  });
});

describe('the document of the WebSocket', () => {
  it('is AsyncAPI 3, by the official schema', async () => {
    const { api } = await startServer();
    const { body } = await api.get('/asyncapi.json');
    // The official schema brings its own copy of the schema of schemas.
    const ajv = new Ajv({ strict: false, allErrors: true, meta: false, validateSchema: false });
    formats.default(ajv);
    const validate = ajv.compile(specs.schemas['3.0.0']);
    validate(body);
    expect(validate.errors).toBeNull();
  });

  it('holds every fact, and nothing in it points nowhere', async () => {
    const { api } = await startServer();
    const { body } = await api.get('/asyncapi.json');
    const told = Object.values<any>(body.components.messages).map(({ name }) => name);
    expect(told.sort()).toEqual([...FactType.options, 'ping', 'pong', 'resync'].sort());
    for (const [, reference = ''] of JSON.stringify(body).matchAll(/"\$ref":"([^"]+)"/g)) {
      const target = reference
        .slice(2)
        .split('/')
        .reduce((at: any, part) => at?.[part], body);
      expect(target, reference).toBeDefined();
    }
  });
});

describe('the page of the API document', () => {
  it('is served from the package, under a policy that lets nothing in from elsewhere', async () => {
    const { api } = await startServer();
    const page = await fetch(`${api.url}/docs`);
    expect(page.url).toBe(`${api.url}/docs/`);
    const text = await page.text();
    expect(text).not.toMatch(/https?:/);
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none';.*; frame-ancestors 'none'$/,
    );
    for (const [, file = ''] of text.matchAll(/(?:src|href)="([\w.]+)"/g)) {
      const { status, headers } = await fetch(`${api.url}/docs/${file}`);
      expect([file, status]).toEqual([file, 200]);
      expect(headers.get('content-security-policy')).not.toBeNull();
    }
  });

  it('holds behind a token in the path, and needs it', async () => {
    const { api } = await startServer({ MAESTRO_TOKEN: 'secret' });
    expect((await fetch(`${api.url}/docs/`)).status).toBe(401);
    const { status, url } = await fetch(`${api.url}/t/secret/docs`);
    expect([status, url]).toEqual([200, `${api.url}/t/secret/docs/`]);
    expect((await fetch(new URL('../openapi.json', url))).status).toBe(200);
  });

  it('leads nowhere outside of its folder', async () => {
    const { api } = await startServer();
    const { status } = await api.get('/docs/%2e%2e/%2e%2e/package.json');
    expect(status).toBe(404);
  });
});
