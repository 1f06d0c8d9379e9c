// Stands between commands and a server, passes everything on, and keeps what was asked.
import { once } from 'node:events';
import { createServer, request as requestOf } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Asked {
  method: string;
  path: string;
  /** Of the answer's body. */
  bytes: number;
}

export interface Recorder {
  url: string;
  /** In the order of the answers' ends; upgrades are not among them. */
  asked: Asked[];
  /** From now on an upgrade is answered with 502. */
  refuseUpgrades: () => void;
}

export async function record(serverUrl: string): Promise<Recorder> {
  const { port } = new URL(serverUrl);
  const asked: Asked[] = [];
  let isUpgrading = true;
  const server = createServer((request, response) => {
    const { method = '', url: path = '', headers } = request;
    const passed = requestOf({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      let bytes = 0;
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
      answer.on('end', () => asked.push({ method, path, bytes }));
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.pipe(passed);
  });
  server.on('upgrade', (request, socket, head) => {
    if (!isUpgrading) {
      socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      return;
    }
    const passed = connect(Number(port), '127.0.0.1', () => {
      const lines = [`GET ${request.url ?? ''} HTTP/1.1`];
      for (const [name, value] of Object.entries(request.headers)) lines.push(`${name}: ${String(value)}`);
      passed.write(`${lines.join('\r\n')}\r\n\r\n`);
      passed.write(head);
      passed.pipe(socket).pipe(passed);
    });
    for (const each of [passed, socket])
      each.on('error', () => [passed, socket].forEach((one) => one.destroy()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, asked, refuseUpgrades: () => (isUpgrading = false) };
}
