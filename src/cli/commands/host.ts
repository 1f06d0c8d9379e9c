// `maestro host`: runs the agents of spawned sessions on this machine until it is stopped; they outlive it.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { exitCodes } from '../errors.ts';
import { z } from 'zod';
import { listen, type Message } from '../connection.ts';
import { createAgents } from '../host/agents.ts';
import { childRunner } from '../host/child-runner.ts';
import { Claimer } from '../host/claimer.ts';
import { tellWith } from '../host/events.ts';
import { createTmuxRunner, tmuxSocket } from '../host/tmux-runner.ts';
import type { AddCommands } from '../invocation.ts';

const Announced = z.looseObject({ session: z.looseObject({ id: z.string() }) });

export const addHost: AddCommands = (program, act) => {
  program
    .command('host')
    .description(
      'run the agents of spawned sessions on this machine, inside tmux in windows; with --project those of one project',
    )
    .action(
      act(async ({ client, patientClient, environment, flags, output }) => {
        const tell = tellWith(output.json);
        const socket = tmuxSocket();
        const runner = socket === undefined ? childRunner : createTmuxRunner(socket);
        const claimer = new Claimer({
          host: `${hostname()}-${randomUUID()}`,
          projectId: flags.project,
          client,
          patientClient,
          agents: createAgents(runner, environment.sessionDir),
          tell,
        });
        const stopping = new AbortController();
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

        const { serverUrl: url, credentials } = environment;
        let isLost = false;
        const listener = {
          opened: () => {
            isLost = false;
            tell({ event: 'connected', url });
            claimer.lookUp();
          },
          heard: ({ type, timestamp = 0, data }: Message) => {
            const { data: spawn } = Announced.safeParse(data);
            if (type === 'session:spawn' && spawn) claimer.announced(spawn.session.id, timestamp);
          },
          lost: (message: string) => {
            if (!isLost) tell({ event: 'waiting', url, message });
            isLost = true;
          },
        };
        await listen({ url, credentials, projectId: flags.project }, listener, stopping.signal);
        for (const { sessionId, agent } of claimer.running())
          tell({ event: 'left', sessionId, place: agent.place });
        // A report that is being tried again would hold up the end for up to a minute.
        process.exit(exitCodes.ok);
      }),
    );
};
