// `maestro serve`: the server itself, in this process. The one place where the command and the server meet.
import type { AddCommands } from './invocation.ts';

interface ServeOptions {
  port?: string;
  host?: string;
  dataDir?: string;
}

export const addServe: AddCommands = (program, act) => {
  program
    .command('serve')
    .description('run the server')
    .option('--port <number>', 'as PORT; 0 lets the system choose')
    .option('--host <address>', 'as HOST')
    .option('--data-dir <folder>', 'as DATA_DIR')
    .action(
      act(async (_, { port, host, dataDir }: ServeOptions) => {
        const given = { PORT: port, HOST: host, DATA_DIR: dataDir };
        for (const [name, value] of Object.entries(given)) if (value !== undefined) process.env[name] = value;
        const { main } = await import('../main.ts');
        return main();
      }),
    );
};
