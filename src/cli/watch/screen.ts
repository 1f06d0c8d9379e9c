// The terminal while the board has it: another screen, drawn in place, with the keys one by one. However the process
// ends, the terminal is given back as it was.
import { emitKeypressEvents, type Interface } from 'node:readline';
import { createLogUpdate } from 'log-update';
import type { Size } from './board.ts';
import type { Key } from './keys.ts';

export interface Screen {
  readonly size: Size;
  draw(lines: readonly string[]): void;
  /** Gives the terminal back. Safe to call twice. */
  leave(): void;
}

const enter = '\x1b[?1049h\x1b[?25l\x1b[H';
const clear = '\x1b[2J\x1b[H';
const exit = '\x1b[?1049l\x1b[?25h';

const escapeMs = 50;
const ctrlC = '\x03';

interface Heard {
  name?: string;
  ctrl?: boolean;
  sequence?: string;
}

/** @param resized the terminal has another size, or is ours again: all must be drawn anew */
export function takeScreen(onKey: (key: Key) => void, resized: () => void): Screen {
  const { stdin, stdout } = process;
  // The cursor is ours: what log-update uses for it also takes the signals that end us.
  const update = createLogUpdate(stdout, { showCursor: true });
  let isOurs = false;

  const take = (): void => {
    isOurs = true;
    stdout.write(enter);
    stdin.setRawMode(true);
    stdin.resume();
  };
  const leave = (): void => {
    if (!isOurs) return;
    isOurs = false;
    update.clear();
    update.done();
    stdin.setRawMode(false);
    stdin.pause();
    stdout.write(exit);
  };
  const anew = (): void => {
    update.clear();
    stdout.write(clear);
    resized();
  };
  /** Ctrl-Z, and back with `fg`. */
  const rest = (): void => {
    leave();
    process.once('SIGCONT', () => {
      take();
      anew();
    });
    process.kill(process.pid, 'SIGTSTP');
  };

  // Of an interface nothing but this is read: how long after Esc the rest of an arrow key may come.
  emitKeypressEvents(stdin, { escapeCodeTimeout: escapeMs } as unknown as Interface);
  stdin.on('keypress', (text: string | undefined, { name, ctrl = false, sequence = '' }: Heard) => {
    // Right after Esc it has no name; it must always work.
    if (sequence.endsWith(ctrlC)) onKey({ name: 'c', ctrl: true, text: '' });
    else if (ctrl && name === 'z') rest();
    else onKey({ name, ctrl, text: text ?? '' });
  });
  stdout.on('resize', anew);
  process.on('exit', leave);
  // What is said of a fault would be gone with the screen.
  process.on('uncaughtExceptionMonitor', leave);
  take();

  return {
    get size() {
      return { columns: stdout.columns, rows: stdout.rows };
    },
    draw: (lines) => {
      if (isOurs) update(lines.join('\n'));
    },
    leave,
  };
}
