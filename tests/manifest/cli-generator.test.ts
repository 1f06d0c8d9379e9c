import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generatorFor, nodeCli, shellCli } from './fake-cli.ts';
import { neverAborted, order, temporaryFolder } from './orders.ts';

const json = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;

test('leaves the manifest of the CLI, completed, readable by its owner only', async () => {
  const folder = await temporaryFolder();
  const cli = await nodeCli(
    folder,
    `write({ ...manifest, ours: true, skills: [''], session: { model: 'haiku', maxTurns: 3 }, context: { custom: { kept: 1 } } });`,
  );
  const wanted = order(folder);
  await generatorFor(cli, folder).generate(wanted, neverAborted());

  expect(await json(wanted.path)).toEqual({
    manifestVersion: '1.0',
    role: 'worker',
    tasks: [{ id: 'task_1' }],
    ours: true,
    skills: [],
    session: { model: 'opus', maxTurns: 3 },
    context: { custom: { kept: 1, ticket: 'ORC-7', project: { id: 'proj_1', name: 'Orchard' } } },
    templateId: 'tmpl_1',
  });
  expect((await stat(wanted.path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, 'sess_1'))).mode & 0o777).toBe(0o700);
});

const tell = `fs.writeFileSync('told.json', JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), env: process.env })); write(manifest);`;

test('passes exactly the flags of the contract, in the session folder, with the environment of the server', async () => {
  const folder = await temporaryFolder();
  const wanted = order(folder, 'sess_1', { skills: ['maestro-worker', '', 'pruning'], strategy: 'queue' });
  const generator = generatorFor(await nodeCli(folder, tell), folder, {
    environment: { ...process.env, FROM_THE_SERVER: 'yes', DATA_DIR: 'elsewhere' },
  });
  await generator.generate(wanted, neverAborted());

  const told = await json(join(folder, 'sess_1', 'told.json'));
  expect(told['args']).toEqual([
    ...['manifest', 'generate', '--role', 'worker', '--project-id', 'proj_1', '--task-ids', 'task_1,task_2'],
    ...['--skills', 'maestro-worker,pruning', '--strategy', 'queue', '--output', wanted.path],
  ]);
  expect(told['cwd']).toBe(join(folder, 'sess_1'));
  expect(told['env']).toMatchObject({
    FROM_THE_SERVER: 'yes',
    DATA_DIR: join(folder, 'data'),
    SESSION_DIR: folder,
    MAESTRO_SERVER_URL: 'http://localhost:3000',
    MAESTRO_API_URL: 'http://localhost:3000',
    MAESTRO_SESSION_ID: 'sess_1',
  });
});

test('asks for a tree as simple, and for no skills as an empty list', async () => {
  const folder = await temporaryFolder();
  const wanted = order(folder, 'sess_1', { skills: [], strategy: 'tree' });
  await generatorFor(await nodeCli(folder, tell), folder).generate(wanted, neverAborted());

  const { args } = (await json(join(folder, 'sess_1', 'told.json'))) as { args: string[] };
  expect(args[args.indexOf('--skills') + 1]).toBe('');
  expect(args[args.indexOf('--strategy') + 1]).toBe('simple');
});

test('runs a CLI that is an executable of its own', async () => {
  const folder = await temporaryFolder();
  const cli = await shellCli(
    folder,
    `echo '{"manifestVersion":"1.0","role":"worker","tasks":[{"id":"t"}]}' > manifest.json`,
  );
  const wanted = order(folder);
  await generatorFor(cli, folder).generate(wanted, neverAborted());
  expect(await json(wanted.path)).toMatchObject({ templateId: 'tmpl_1' });
});

test('reads 5 MB of output without blocking the CLI or ending it', async () => {
  const folder = await temporaryFolder();
  const cli = await nodeCli(
    folder,
    `const flood = 'x'.repeat(5_000_000);
     process.stderr.write(flood, () => process.stdout.write(flood, () => { write(manifest); }));`,
  );
  const wanted = order(folder);
  await generatorFor(cli, folder).generate(wanted, neverAborted());
  expect(await json(wanted.path)).toMatchObject({ role: 'worker' });
});

const failure = (message: RegExp, details?: object) => ({
  code: 'MANIFEST_GENERATION_ERROR',
  message: expect.stringMatching(message) as string,
  ...(details && { details }),
});

const cannotRun: [string, (folder: string) => Promise<string> | string, RegExp][] = [
  [
    'a script that is not there',
    (folder) => join(folder, 'no.mjs'),
    /^maestro CLI not found\. .*npm install -g maestro-server.*MAESTRO_CLI_PATH/,
  ],
  [
    'a command that is not on PATH',
    () => 'maestro-that-nobody-has',
    /^maestro CLI not found\. .*npm install -g/,
  ],
  ['a folder', (folder) => folder, /cannot be started \(.*EACCES.*set MAESTRO_CLI_PATH/],
];

const endsBadly: [string, string, RegExp][] = [
  [
    'an exit code',
    `console.error('\\u001b[31mno such project\\u001b[0m'); process.exit(3);`,
    /exited with code 3: no such project$/,
  ],
  [
    'an exit code and words on stdout only',
    `console.log('see here'); process.exit(1);`,
    /exited with code 1: see here$/,
  ],
  ['an exit code and no word', `process.exit(4);`, /exited with code 4, without a word$/],
  ['an end by a signal', `process.kill(process.pid, 'SIGKILL');`, /was ended by SIGKILL/],
  ['no file', ``, /wrote no manifest$/],
  ['a folder for a file', `fs.mkdirSync(flag('--output'));`, /is no file/],
  ['rubbish', `fs.writeFileSync(flag('--output'), '{"manifestVersion":');`, /is not JSON/],
  ['an array', `write([]);`, /is not valid: the file is wrong/],
  ['no tasks', `delete manifest.tasks; write(manifest);`, /is not valid: tasks is missing$/],
  ['an empty list of tasks', `write({ ...manifest, tasks: [] });`, /is not valid: tasks is wrong/],
  [
    'no version and a role of its own',
    `write({ role: 'boss', tasks: manifest.tasks });`,
    /manifestVersion is missing; role is wrong/,
  ],
];

test.each(cannotRun)('tells a CLI that cannot run: %s', async (_name, cliPath, message) => {
  const folder = await temporaryFolder();
  const generator = generatorFor(await cliPath(folder), folder);
  await expect(generator.generate(order(folder), neverAborted())).rejects.toMatchObject(failure(message));
});

test.each(endsBadly)('tells a CLI that ends with %s', async (_name, body, message) => {
  const folder = await temporaryFolder();
  const generator = generatorFor(await nodeCli(folder, body), folder);
  await expect(generator.generate(order(folder), neverAborted())).rejects.toMatchObject(failure(message));
});

test('tells the end of what a failing CLI said, at most 2000 characters of it', async () => {
  const folder = await temporaryFolder();
  const cli = await nodeCli(
    folder,
    `process.exitCode = 3; process.stderr.write('begin' + 'é'.repeat(3_000_000) + 'the end');`,
  );
  const thrown: unknown = await generatorFor(cli, folder)
    .generate(order(folder), neverAborted())
    .catch((e: unknown) => e);
  const { message } = thrown as Error;
  expect(message).toMatch(/^the maestro CLI exited with code 3: é+the end$/);
  expect(message.length).toBeLessThan(2100);
});

test('names the field of an invalid manifest in the details too', async () => {
  const folder = await temporaryFolder();
  const generator = generatorFor(await nodeCli(folder, `delete manifest.tasks; write(manifest);`), folder);
  await expect(generator.generate(order(folder), neverAborted())).rejects.toMatchObject(
    failure(/tasks/, { tasks: 'is missing' }),
  );
});

test('does not take an older manifest for the new one', async () => {
  const folder = await temporaryFolder();
  const wanted = order(folder);
  await mkdir(join(folder, 'sess_1'));
  await writeFile(wanted.path, JSON.stringify({ manifestVersion: '1.0', role: 'worker', tasks: [{}] }));
  const generator = generatorFor(await nodeCli(folder, ''), folder);
  await expect(generator.generate(wanted, neverAborted())).rejects.toMatchObject(
    failure(/wrote no manifest/),
  );
});

test('refuses as its own failure when the session folder cannot be made', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'sess_1'), 'a file stands in the way');
  const generator = generatorFor(await nodeCli(folder, `write(manifest);`), folder);
  await expect(generator.generate(order(folder), neverAborted())).rejects.toMatchObject(
    failure(/EEXIST|ENOTDIR/),
  );
});
