// The least that express does: parse a JSON body and answer with it, or answer with a text that is there already. What a
// durable server is measured against.
import { readFileSync } from 'node:fs';
import express from 'express';

const app = express();
app.use(express.json());
app.post('/', (request, response) => {
  response.json(request.body);
});
/** What is answered to GET: the bytes of a file. */
const file = process.env['ANSWER_FILE'];
const answer = file === undefined ? '' : readFileSync(file, 'utf8');
app.get('/', (_request, response) => {
  response.writeHead(200, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(answer),
  });
  response.end(answer);
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null)
    console.log(`listens on http://127.0.0.1:${address.port}`);
});
