// `maestro host`: runs the agents of spawned sessions on this machine until it is stopped; they outlive it.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { exitCodes } from '../errors.ts';
import { createChildRunner } from '../host/child-runner.ts';
import { Claimer } from '../host/claimer.ts';
import { listen } from '../host/connection.ts';
import { tellWith } from '../host/events.ts';
import type { AddCommands } from '../invocation.ts';

export const addHost: AddCommands = (program, act) => {
  program
    .command('host')
    .description('run the agents of spawned sessions on this machine; with --project those of one project')
    .action(
      act(async ({ client, patientClient, environment, flags, output }) => {
        const tell = tellWith(output.json);
        const claimer = new Claimer({
          host: `${hostname()}-${randomUUID()}`,
          projectId: flags.project,
          client,
          patientClient,
          runner: createChildRunner(environment.sessionDir),
          tell,
        });
        const stopping = new AbortController();
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

        const { serverUrl: url, token } = environment;
        let isLost = false;
        const listener = {
          opened: () => {
            isLost = false;
            tell({ event: 'connected', url });
            claimer.lookUp();
          },
          announced: (sessionId: string, at: number) => claimer.announced(sessionId, at),
          lost: (message: string) => {
            if (!isLost) tell({ event: 'waiting', url, message });
            isLost = true;
          },
        };
        await listen({ url, token, projectId: flags.project }, listener, stopping.signal);
        for (const { sessionId, agent } of claimer.running())
          tell({ event: 'left', sessionId, place: agent.place });
        // A report that is being tried again would hold up the end for up to a minute.
        process.exit(exitCodes.ok);
      }),
    );
};
