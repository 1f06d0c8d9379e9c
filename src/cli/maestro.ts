// The `maestro` command: the process around `runCli`.
import { runCli } from './program.ts';

// A reader that has seen enough (`maestro task list | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.stderr.on('error', () => {
  // The terminal is gone. There is nobody left to tell, but perhaps still something to do.
});

process.exitCode = await runCli(process.argv.slice(2));
