// `maestro project …`
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { AddCommands } from '../invocation.ts';
import { listPath, pathOf } from '../paths.ts';
import { facts, table } from '../text.ts';
import { ProjectView } from '../views.ts';

interface CreateOptions {
  dir?: string;
  workingDir?: string;
  desc?: string;
  description?: string;
}

export const addProject: AddCommands = (program, act) => {
  const project = program.command('project').description('what agents work on: a name and a folder');

  project
    .command('list')
    .description('all projects')
    .action(
      act(async ({ client }) => {
        const projects = await client.get(listPath('project'), z.array(ProjectView));
        const rows = projects.map(({ id, name, workingDir }) => [id, name, workingDir]);
        return { data: projects, text: table(['id', 'name', 'folder'], rows, 'There are no projects yet.') };
      }),
    );

  project
    .command('create <name>')
    .description('a new project')
    .option('-d, --dir <folder>', 'where its agents work (default: the current folder)')
    .option('--working-dir <folder>', 'the same')
    .option('--desc <text>', 'what it is')
    .option('--description <text>', 'the same')
    .action(
      act(async ({ client, output }, name: string, options: CreateOptions) => {
        const workingDir = resolve(options.dir ?? options.workingDir ?? '.');
        if (!existsSync(workingDir))
          output.warn(`there is no folder ${workingDir} on this machine; agents cannot start in it`);
        const description = options.desc ?? options.description ?? '';
        const made = await client.post(listPath('project'), { name, workingDir, description }, ProjectView);
        return { data: made, text: `Project ${made.name} is made: ${made.id}` };
      }),
    );

  project
    .command('get <id>')
    .description('one project')
    .action(
      act(async ({ client }, id: string) => {
        const found = await client.get(pathOf('project', id), ProjectView);
        return { data: found, text: projectText(found) };
      }),
    );

  project
    .command('delete <id>')
    .description('delete a project that has no tasks and no sessions')
    .action(
      act(async ({ client }, id: string) => {
        await client.remove(pathOf('project', id));
        return { data: { id }, text: `Project ${id} is deleted.` };
      }),
    );
};

const projectText = ({ id, name, workingDir, description }: ProjectView): string =>
  facts([
    ['id', id],
    ['name', name],
    ['folder', workingDir],
    ['description', description],
  ]);
