// `maestro manifest generate`: called by the server for each spawn, and by nobody else.
import { resolve } from 'node:path';
import { Option } from 'commander';
import type { Role, Strategy } from '../../domain/session.ts';
import { buildManifest } from '../../manifest/build.ts';
import { prepareManifestFile, writeManifestFile } from '../../manifest/manifest-file.ts';
import { openDataFolder } from '../data-folder.ts';
import { splitList } from '../environment.ts';
import type { AddCommands } from '../invocation.ts';

interface GenerateOptions {
  role: Role;
  projectId: string;
  taskIds: string;
  skills: string;
  strategy: Strategy;
  output: string;
}

export const addManifest: AddCommands = (program, act) => {
  program
    .command('manifest')
    .description('manifests')
    .command('generate')
    .description('write the manifest of a session, from the files in DATA_DIR')
    .addOption(
      new Option('--role <role>', 'of the agent').choices(['worker', 'orchestrator']).makeOptionMandatory(),
    )
    .requiredOption('--project-id <id>', 'its project')
    .requiredOption('--task-ids <ids>', 'its tasks, with commas between them')
    .option('--skills <names>', 'what it can do, with commas between them', 'maestro-worker')
    .addOption(
      new Option('--strategy <strategy>', 'how it takes its tasks')
        .choices(['simple', 'queue', 'tree'])
        .default('simple'),
    )
    .requiredOption('--output <path>', 'where to write it')
    .action(
      act(async ({ environment: { dataDir } }, options: GenerateOptions) => {
        const { role, strategy, projectId } = options;
        const folder = openDataFolder(dataDir);
        const project = await folder.project(projectId);
        const tasks = [];
        for (const id of splitList(options.taskIds)) tasks.push(await folder.task(id, projectId));
        const skills = splitList(options.skills);
        const manifest = buildManifest({ role, strategy, project, tasks, skills });
        const path = resolve(options.output);
        await prepareManifestFile(path);
        await writeManifestFile(path, manifest);
        return { data: { path, manifest }, text: `The manifest is written: ${path}`, aside: true };
      }),
    );
};
