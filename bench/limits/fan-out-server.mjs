// The least that ws does: whatever is posted goes to every client.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const server = createServer((request, response) => {
  let text = '';
  request.on('data', (data) => (text += data));
  request.on('end', () => {
    response.end();
    for (const client of sockets.clients) client.send(text);
  });
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null)
    console.log(`listens on http://127.0.0.1:${address.port}`);
});
