// `maestro track-file`: a hook of the agent tells of a file that it has changed.
import { toldByHook } from '../hooks.ts';
import { requireSession, type AddCommands } from '../invocation.ts';
import { pathOf } from '../paths.ts';
import { Done } from '../views.ts';

export const addTrackFile: AddCommands = (program, act) => {
  program
    .command('track-file <path>')
    .description('tell that a file was changed (for hooks)')
    .action(
      act(async (invocation, file: string) => {
        const sessionId = requireSession(invocation);
        const event = { type: 'file_modified', data: { file, timestamp: Date.now() } };
        return toldByHook({ sessionId, file }, `${file} is noted.`, () =>
          invocation.hastyClient.post(pathOf('session', sessionId, 'events'), event, Done, { minimal: true }),
        );
      }),
    );
};
