import { describe, expect, it, onTestFinished } from 'vitest';
import { stage } from './support/stage.ts';

const draft = { name: 'Mine', role: 'worker', content: '# Do ${TASK_TITLE}' };

describe('templates', () => {
  it('creates a custom template, tells it to those who asked for the topic, and gives it to its role', async () => {
    const { api, listen } = stage();
    const [watch, plain] = [await listen('?topics=template'), await listen()];
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
    const { api } = stage();
    const all: any[] = (await api.get('/api/templates')).body;
    const custom = all.filter(({ role, isDefault }) => role === 'orchestrator' && !isDefault);
    const { body } = await api.get('/api/templates/role/orchestrator');
    expect(body.role).toBe('orchestrator');
    if (custom.length === 0) expect(body.isDefault).toBe(true);
    else expect(body).toEqual(custom.at(-1));
  });

  it('changes name and content, never the role', async () => {
    const { api, listen } = stage();
    const watch = await listen('?topics=template');
    const { id } = (await api.post('/api/templates', draft)).body;
    const { body } = await api.put(`/api/templates/${id}`, { name: 'Yours', role: 'orchestrator' });
    expect(body).toMatchObject({ id, name: 'Yours', role: 'worker', content: draft.content });
    expect((await watch.fact('template:updated')).data).toEqual(body);
  });

  it('resets a default to the name and content as shipped, a custom one to the content', async () => {
    const { api } = stage();
    const shipped = (await api.get('/api/templates/default/worker')).body;
    expect(Object.keys(shipped)).toEqual(['role', 'content']);
    const all: any[] = (await api.get('/api/templates')).body;
    const byDefault = all.find(({ role, isDefault }) => role === 'worker' && isDefault);
    onTestFinished(async () => {
      await api.put(`/api/templates/${byDefault.id}`, { name: byDefault.name, content: byDefault.content });
    });
    await api.put(`/api/templates/${byDefault.id}`, { name: 'Changed', content: 'changed' });
    const { body } = await api.post(`/api/templates/${byDefault.id}/reset`);
    expect(body.content).toBe(shipped.content);
    expect(body.name).not.toBe('Changed');
    const { id } = (await api.post('/api/templates', draft)).body;
    expect((await api.post(`/api/templates/${id}/reset`)).body).toMatchObject({
      name: 'Mine',
      content: shipped.content,
    });
  });

  it('deletes a custom template, and refuses to delete a default', async () => {
    const { api, listen } = stage();
    const watch = await listen('?topics=all');
    const { id } = (await api.post('/api/templates', draft)).body;
    expect((await api.delete(`/api/templates/${id}`)).body).toEqual({ success: true, id });
    expect((await watch.fact('template:deleted')).data).toEqual({ id });
    expect((await api.get(`/api/templates/${id}`)).body).toMatchObject({
      code: 'NOT_FOUND',
      statusCode: 404,
    });
    const all: any[] = (await api.get('/api/templates')).body;
    const byDefault = all.find(({ role, isDefault }) => role === 'worker' && isDefault);
    expect((await api.delete(`/api/templates/${byDefault.id}`)).body).toMatchObject({
      code: 'VALIDATION_ERROR',
      statusCode: 400,
    });
  });

  it.each(['/api/templates/role/boss', '/api/templates/default/boss', '/api/skills/role/boss'])(
    'refuses %s: there is no such role',
    async (path) => {
      const { api } = stage();
      expect((await api.get(path)).body).toMatchObject({ code: 'VALIDATION_ERROR', statusCode: 400 });
    },
  );

  it.each([{ name: ' ' }, { role: 'boss' }, { content: '' }])('refuses a template with %j', async (wrong) => {
    const { api } = stage();
    const { status, body } = await api.post('/api/templates', { ...draft, ...wrong });
    expect(status).toBe(400);
    expect(Object.keys(body.details)).toEqual(Object.keys(wrong));
  });
});
