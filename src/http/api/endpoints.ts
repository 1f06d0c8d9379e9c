// All endpoints, by the heading that they stand under in the API document.
import type { Endpoint, Method } from './endpoint.ts';
import * as machines from './machines.ts';
import * as projects from './projects.ts';
import * as queues from './queues.ts';
import * as service from './service.ts';
import * as sessions from './sessions.ts';
import * as skills from './skills.ts';
import * as spawns from './spawns.ts';
import * as tasks from './tasks.ts';
import * as templates from './templates.ts';

const methods: readonly Method[] = ['get', 'post', 'put', 'patch', 'delete'];

/** By path, as one reads down a table; the endpoints of a module come in the order of their names. */
const inOrder = (group: object): Endpoint[] =>
  Object.values(group as Record<string, Endpoint>).sort((a, b) =>
    a.path < b.path ? -1 : a.path > b.path ? 1 : methods.indexOf(a.method) - methods.indexOf(b.method),
  );

export const endpoints: Readonly<Record<string, readonly Endpoint[]>> = {
  Projects: inOrder(projects),
  Tasks: inOrder(tasks),
  Sessions: inOrder({ ...sessions, ...spawns }),
  Queues: inOrder(queues),
  Skills: inOrder(skills),
  Templates: inOrder(templates),
  Machines: inOrder(machines),
  Service: inOrder(service),
};
