// The least that express does: parse a JSON body, answer with it. What a durable server is measured against.
import express from 'express';

const app = express();
app.use(express.json());
app.post('/', (request, response) => {
  response.json(request.body);
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null)
    console.log(`listens on http://127.0.0.1:${address.port}`);
});
