// `maestro worker init` and `maestro orchestrator init`: the command of every spawn. Runs the session's agent and
// reports its beginning and its end.
import { asError } from '../../domain/errors.ts';
import type { Role } from '../../domain/session.ts';
import { agentLaunch } from '../agent/command.ts';
import { reportEnd, reportStart } from '../agent/end-report.ts';
import { exitCodeOfSignal, runAgent, type AgentEnd } from '../agent/launch.ts';
import { readAssignment } from '../assignment.ts';
import { CliError, exitCodes } from '../errors.ts';
import { requireSession, type AddCommands } from '../invocation.ts';

export const addInit =
  (role: Role): AddCommands =>
  (program, act) => {
    program
      .command(role)
      .description(`the agent of a session that is ${role === 'worker' ? 'a worker' : 'an orchestrator'}`)
      .command('init')
      .description('run it, as its manifest says')
      .action(
        act(async (invocation) => {
          const { environment, patientClient: client, output } = invocation;
          const manifest = await readAssignment(environment.manifestPath);
          if (manifest.role !== role) throw wrongRole(role, manifest.role);
          const sessionId = requireSession(invocation);
          const launch = agentLaunch(manifest, environment);

          await reportStart(client, sessionId, manifest);
          const end = await runAgent(launch);
          await reportEnd(client, sessionId, end).catch((thrown: unknown) => {
            // Nobody is left to try again, and the agent's own exit code matters more to whoever started us.
            output.warn(`the end of session ${sessionId} could not be reported: ${asError(thrown).message}`);
          });
          return { exitCode: exitCodeOf(end) };
        }),
      );
  };

const wrongRole = (wanted: Role, found: Role): CliError =>
  new CliError('WRONG_ROLE', `the manifest is for role ${found}, not ${wanted}`, {
    details: { role: `is ${found}, must be ${wanted}` },
    suggestion: `\`maestro ${found} init\` is the command for it.`,
  });

function exitCodeOf(end: AgentEnd): number {
  switch (end.how) {
    case 'exited':
      return end.code;
    case 'killed':
      return exitCodeOfSignal(end.signal);
    case 'notStarted':
      throw new CliError('AGENT_NOT_STARTED', `the agent could not be started: ${end.message}`, {
        exitCode: exitCodes.spawn,
        suggestion:
          'MAESTRO_AGENT_CMD names the command of the agent; without it, `claude` must be on the PATH.',
      });
  }
}
