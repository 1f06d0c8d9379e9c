// The server's files as `manifest generate` reads them: no network, and nothing is assumed of a file but its JSON.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Id } from '../domain/ids.ts';
import { JsonObject } from '../domain/fields.ts';
import { readTextFile } from '../platform/text-file.ts';
import { CliError, exitCodes } from './errors.ts';

/** The server refuses requests of more than 1 MiB; a task or project grows by several of them. */
const mostRecordBytes = 16 * 1024 * 1024;

export interface DataFolder {
  /** @throws CliError when there is no such project, or none that can be read */
  project(id: string): Promise<JsonObject>;
  /** @throws CliError when there is no such task, or none that can be read */
  task(id: string, projectId: string): Promise<JsonObject>;
}

/** @param folder DATA_DIR, absolute */
export function openDataFolder(folder: string): DataFolder {
  const projects = join(folder, 'projects');
  const tasks = join(folder, 'tasks');
  return {
    async project(id) {
      return (
        (await namedAfter(projects, id)) ?? (await searched([projects], id)) ?? missing('project', id, folder)
      );
    },

    async task(id, projectId) {
      const expected = Id.safeParse(projectId).success
        ? await namedAfter(join(tasks, projectId), id)
        : undefined;
      return expected ?? (await searched(await foldersIn(tasks), id)) ?? missing('task', id, folder);
    },
  };
}

/** The record in the file that has its name, which is the usual place. */
async function namedAfter(folder: string, id: string): Promise<JsonObject | undefined> {
  const record = Id.safeParse(id).success ? await readRecord(join(folder, `${id}.json`)) : undefined;
  return record?.['id'] === id ? record : undefined;
}

/** The record in a file of any name. A file that does not parse is passed over. */
async function searched(folders: readonly string[], id: string): Promise<JsonObject | undefined> {
  for (const folder of folders) {
    for (const name of await namesIn(folder)) {
      const record = name.endsWith('.json') ? await readRecord(join(folder, name)) : undefined;
      if (record?.['id'] === id) return record;
    }
  }
  return undefined;
}

async function readRecord(path: string): Promise<JsonObject | undefined> {
  try {
    return JsonObject.parse(JSON.parse((await readTextFile(path, mostRecordBytes)) ?? 'null'));
  } catch {
    // Not there, not readable, not JSON, or no object: somebody else's file, or one that the server sets aside.
    return undefined;
  }
}

const namesIn = async (folder: string): Promise<string[]> => (await readdir(folder).catch(() => [])).sort();

const foldersIn = async (folder: string): Promise<string[]> =>
  (await namesIn(folder)).map((name) => join(folder, name));

function missing(kind: 'project' | 'task', id: string, folder: string): never {
  throw new CliError(
    `${kind.toUpperCase()}_NOT_FOUND`,
    `there is no ${kind} ${JSON.stringify(id)} in ${folder}`,
    {
      exitCode: exitCodes.general,
      suggestion: `DATA_DIR must be the folder of the server that made the ${kind}.`,
    },
  );
}
