import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LogOutput } from '../../src/platform/log-output.ts';
import { temporaryFolder } from '../support/folder.ts';

const lostLine = (lines: number, reason: string): string => `lost ${lines}: ${reason}\n`;
const LINE = `${'x'.repeat(1023)}\n`;

/** The two ends of a named pipe. The reader is opened first, or the writer would wait for it. */
function pipe(): { reader: number; writer: number } {
  const path = join(temporaryFolder(), 'pipe');
  spawnSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  onTestFinished(() => closeSync(writer));
  return { reader, writer };
}

function readAll(fd: number): string {
  const buffer = Buffer.alloc(64 * 1024);
  let text = '';
  try {
    for (let size = -1; size !== 0; ) {
      size = readSync(fd, buffer);
      text += buffer.toString('utf8', 0, size);
    }
  } catch (error) {
    expect(error).toMatchObject({ code: 'EAGAIN' });
  }
  return text;
}

describe('what the log is written to', () => {
  it('is a file that is appended to', () => {
    const destination = join(temporaryFolder(), 'log');
    for (const line of ['one\n', 'two\n']) new LogOutput({ destination, lostLine }).write(line);
    expect(readFileSync(destination, 'utf8')).toBe('one\ntwo\n');
  });

  it('may be full: nothing is thrown', () => {
    const output = new LogOutput({ destination: '/dev/full', lostLine });
    for (let count = 0; count < 3; count += 1) output.write('line\n');
  });

  it.runIf(process.platform === 'linux')(
    'may have a reader that does not read: lines wait, those beyond the bound are lost and counted',
    async () => {
      const { reader, writer } = pipe();
      onTestFinished(() => closeSync(reader));
      const output = new LogOutput({ destination: writer, lostLine });
      for (let count = 0; count < 4_096; count += 1) output.write(LINE);
      let text = '';
      await expect
        .poll(
          () => {
            text += readAll(reader);
            output.write('.\n');
            return text;
          },
          { timeout: 20_000 },
        )
        .toMatch(/^lost \d+: the reader is too slow$/m);
      const lost = Number(/^lost (\d+)/m.exec(text)?.[1]);
      // What was written while the reader slept stands before what was lost.
      const [written = ''] = text.split(/^lost/m);
      const lines = written.split(LINE).length - 1;
      expect(lines).toBeGreaterThan(1_000);
      expect(lines + lost).toBeGreaterThanOrEqual(4_096);
      expect(lines).toBeLessThan(2_048);
    },
  );

  it('may have lost its reader: nothing is thrown, and the next line is tried', () => {
    const { reader, writer } = pipe();
    const output = new LogOutput({ destination: writer, lostLine });
    closeSync(reader);
    for (let count = 0; count < 3; count += 1) output.write('line\n');
  });
});
