import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.ts';
import { Watch } from '../support/watch.ts';

const draft = { name: 'Mine', role: 'worker', content: '# Do ${TASK_TITLE}' };

describe('templates', () => {
  it('has one default for each role from the first start on, and makes them once', async () => {
    const server = await startServer();
    const byRole = (a: any, b: any): number => (a.role < b.role ? 1 : -1);
    const first = (await server.api.get('/api/templates')).body.sort(byRole);
    expect(first.map(({ role, isDefault }: any) => [role, isDefault])).toEqual([
      ['worker', true],
      ['orchestrator', true],
    ]);
    const again = await server.restart();
    expect((await again.api.get('/api/templates')).body.sort(byRole)).toEqual(first);
  });

  it('creates a custom template, tells it to those who asked for the topic, and gives it to its role', async () => {
    const { api } = await startServer();
    const [watch, plain] = [await Watch.open(api.url, '?topics=template'), await Watch.open(api.url)];
    const { status, body } = await api.post('/api/templates', draft);
    expect(status).toBe(201);
    expect(body).toMatchObject({ ...draft, isDefault: false });
    expect(body.id).toMatch(/^tmpl_/);
    expect((await watch.fact('template:created')).data).toEqual(body);
    expect((await api.get('/api/templates/role/worker')).body).toEqual(body);
    await api.project();
    await plain.fact('project:created');
    expect(plain.types).toEqual(['project:created']);
  });

  it('gives a role its default while it has no custom template', async () => {
    const { api } = await startServer();
    expect((await api.get('/api/templates/role/orchestrator')).body).toMatchObject({
      role: 'orchestrator',
      isDefault: true,
    });
  });

  it('changes name and content, never the role', async () => {
    const { api } = await startServer();
    const watch = await Watch.open(api.url, '?topics=template');
    const { id } = (await api.post('/api/templates', draft)).body;
    const { body } = await api.put(`/api/templates/${id}`, { name: 'Yours', role: 'orchestrator' });
    expect(body).toMatchObject({ id, name: 'Yours', role: 'worker', content: draft.content });
    expect((await watch.fact('template:updated')).data).toEqual(body);
  });

  it('resets a default to the name and content as shipped, a custom one to the content', async () => {
    const { api } = await startServer();
    const shipped = (await api.get('/api/templates/default/worker')).body;
    expect(Object.keys(shipped)).toEqual(['role', 'content']);
    const byDefault = (await api.get('/api/templates/role/worker')).body;
    await api.put(`/api/templates/${byDefault.id}`, { name: 'Changed', content: 'changed' });
    expect((await api.post(`/api/templates/${byDefault.id}/reset`)).body).toMatchObject({
      name: byDefault.name,
      content: shipped.content,
    });
    const { id } = (await api.post('/api/templates', draft)).body;
    expect((await api.post(`/api/templates/${id}/reset`)).body).toMatchObject({
      name: 'Mine',
      content: shipped.content,
    });
  });

  it('deletes a custom template, and refuses to delete a default', async () => {
    const { api } = await startServer();
    const watch = await Watch.open(api.url, '?topics=all');
    const { id } = (await api.post('/api/templates', draft)).body;
    expect((await api.delete(`/api/templates/${id}`)).body).toEqual({ success: true, id });
    expect((await watch.fact('template:deleted')).data).toEqual({ id });
    expect((await api.get(`/api/templates/${id}`)).body).toMatchObject({
      code: 'NOT_FOUND',
      statusCode: 404,
    });
    const byDefault = (await api.get('/api/templates/role/worker')).body;
    expect((await api.delete(`/api/templates/${byDefault.id}`)).body).toMatchObject({
      code: 'VALIDATION_ERROR',
      statusCode: 400,
    });
  });

  it.each(['/api/templates/role/boss', '/api/templates/default/boss', '/api/skills/role/boss'])(
    'refuses %s: there is no such role',
    async (path) => {
      const { api } = await startServer();
      expect((await api.get(path)).body).toMatchObject({ code: 'VALIDATION_ERROR', statusCode: 400 });
    },
  );

  it.each([{ name: ' ' }, { role: 'boss' }, { content: '' }])('refuses a template with %j', async (wrong) => {
    const { api } = await startServer();
    const { status, body } = await api.post('/api/templates', { ...draft, ...wrong });
    expect(status).toBe(400);
    expect(Object.keys(body.details)).toEqual(Object.keys(wrong));
  });
});
