// What a host tells of its work: one line for each event, or with --json one object a line.
import pc from 'picocolors';

export type HostEvent =
  | { event: 'waiting'; url: string; message: string }
  | { event: 'connected'; url: string }
  | { event: 'started'; sessionId: string; place: string; log: string }
  | { event: 'found'; sessionId: string; place: string; log: string }
  | { event: 'ended'; sessionId: string; how: string }
  | { event: 'failed'; sessionId: string; message: string }
  | { event: 'left'; sessionId: string; place: string };

export type Tell = (event: HostEvent) => void;

export const tellWith =
  (json: boolean): Tell =>
  (event) => {
    const line = json ? JSON.stringify({ ...event, timestamp: Date.now() }) : lineOf(event);
    process.stdout.write(`${line}\n`);
  };

function lineOf(event: HostEvent): string {
  switch (event.event) {
    case 'waiting':
      return pc.yellow(`waiting for the server at ${event.url} (${event.message})`);
    case 'connected':
      return pc.green(`connected to ${event.url}`);
    case 'started':
      return `${event.sessionId} started: ${event.place}, output in ${event.log}`;
    case 'found':
      return `${event.sessionId} was started by an earlier host: ${event.place}, output in ${event.log}`;
    case 'ended':
      return `${event.sessionId} ended: ${event.how}`;
    case 'failed':
      return pc.red(`${event.sessionId} failed: ${event.message}`);
    case 'left':
      return `${event.sessionId} is left running: ${event.place}`;
  }
}
