// What an answer costs does not depend on how many others are open; what is unsent of all has a bound.
import { once } from 'node:events';
import { createServer, ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { Answers } from '../../src/http/answers.ts';

let looks = 0;
class CountingResponse extends ServerResponse {}
Object.defineProperty(CountingResponse.prototype, 'writableLength', {
  get(this: ServerResponse) {
    looks += 1;
    return Reflect.get(ServerResponse.prototype, 'writableLength', this);
  },
});

async function stage() {
  const answers = new Answers();
  const responses: ServerResponse[] = [];
  const server = createServer({ ServerResponse: CountingResponse }, (request, response) => {
    answers.take(response, request.socket, () => {
      responses.push(response);
      server.emit('asked');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets: Socket[] = [];
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  /** A request of a client that does not read. */
  const ask = async (): Promise<ServerResponse> => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
    socket.on('error', () => undefined);
    sockets.push(socket);
    const asked = once(server, 'asked');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await asked;
    const response = responses.at(-1);
    if (!response) throw new Error('nobody asked');
    return response;
  };
  return { answers, ask };
}

const MIB = 1024 * 1024;

it('an answer is looked at as often beside 300 requests that wait for theirs as beside three', async () => {
  const { ask } = await stage();
  const costOf = async (): Promise<number> => {
    const before = looks;
    const response = await ask();
    response.end('x');
    await once(response, 'close');
    return looks - before;
  };
  for (let index = 0; index < 3; index += 1) await ask();
  const few = await costOf();
  for (let index = 0; index < 297; index += 1) await ask();
  expect(await costOf()).toBe(few);
});

it('answers that nobody reads are at most 64 MiB beside the newest: the oldest are cut, one at a time', async () => {
  const { answers, ask } = await stage();
  const given: ServerResponse[] = [];
  for (let index = 0; index < 8; index += 1) {
    const response = await ask();
    response.end(Buffer.alloc(20 * MIB));
    given.push(response);
    const unsent = given.reduce((sum, each) => sum + (each.destroyed ? 0 : each.writableLength), 0);
    expect(unsent).toBeLessThanOrEqual((64 + 20) * MIB);
  }
  const isCut = given.map(({ destroyed }) => destroyed);
  expect(isCut).toEqual([...isCut].sort((a, b) => Number(b) - Number(a)));
  expect(isCut.filter((cut) => !cut).length).toBeGreaterThanOrEqual(3);
  for (const response of given) response.destroy();
  await answers.settled();
});

it('one answer of more than 64 MiB is not cut for its own size', async () => {
  const { ask } = await stage();
  const response = await ask();
  response.end(Buffer.alloc(80 * MIB));
  expect(response.destroyed).toBe(false);
});
