// The log, as the built server writes it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { startProcess } from '../support/server.ts';

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

describe('the log', () => {
  it('goes to LOG_FILE too, whose folder is made, in the same format', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'logs/deep/maestro.log');
    const { stop, output } = await startProcess({ LOG_FORMAT: 'json', LOG_FILE: file }, folder);
    await stop();
    const written = linesOf(readFileSync(file, 'utf8'));
    expect(written).toEqual(linesOf(output()));
    expect(written.map((line) => JSON.parse(line).msg)).toContainEqual(
      expect.stringMatching(/^Maestro listens on/),
    );
  });

  it('is for people by default, without colours where nobody looks on', async () => {
    const { stop, output } = await startProcess();
    await stop();
    expect(output()).toMatch(/^\[\d\d:\d\d:\d\d\] INFO: Maestro listens on http:/m);
    expect(output()).not.toContain('\u001b');
  });

  it.each([
    ['LOG_LEVEL', 'debug'],
    ['DEBUG', 'true'],
  ])('with %s=%s tells each request, and never a token', async (name, value) => {
    const environment = { [name]: value, LOG_FORMAT: 'json', MAESTRO_TOKEN: 's3cret' };
    const { api, stop, output } = await startProcess(environment);
    await fetch(`${api.url}/t/s3cret/api/tasks?token=s3cret`);
    await fetch(`${api.url}/api/projects`, { headers: { authorization: 'Bearer s3cret' } });
    await fetch(`${api.url}/t/wrong/health`);
    await stop();
    const requests = linesOf(output())
      .map((line) => JSON.parse(line))
      .filter(({ method }) => method !== undefined);
    expect(requests.map(({ method, path, status }) => [method, path, status])).toEqual([
      ['GET', '/api/tasks', 200],
      ['GET', '/api/projects', 200],
      ['GET', '/health', 401],
    ]);
    expect(output()).not.toContain('s3cret');
  });

  it('tells no requests otherwise', async () => {
    const { api, stop, output } = await startProcess();
    await api.project();
    await stop();
    expect(output()).not.toContain('/api/projects');
  });

  it.each(['/proc/none/maestro.log', '/tmp', '/etc/hostname/maestro.log'])(
    'that cannot be written to %s stops the start, naming LOG_FILE',
    async (file) => {
      await expect(startProcess({ LOG_FILE: file })).rejects.toThrow(
        `CONFIG_ERROR: LOG_FILE is "${file}", which cannot be written`,
      );
    },
  );
});
