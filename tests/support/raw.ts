// Requests that fetch would not send: foreign hosts, chunked bodies, paths that are not tidied up.
import { request, type IncomingHttpHeaders } from 'node:http';

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: any;
}

export interface RawRequest {
  method?: string;
  headers?: Record<string, string>;
  /** Pieces are sent chunked, with no content length; an empty list is a chunked body without a byte. */
  body?: string | string[];
}

export function raw(url: string, path: string, { method = 'GET', headers = {}, body }: RawRequest = {}) {
  const { hostname, port } = new URL(url);
  return new Promise<RawAnswer>((resolve, reject) => {
    const outgoing = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const { statusCode: status = 0, headers: answered } = response;
        resolve({ status, headers: answered, body: text === '' ? null : JSON.parse(text) });
      });
    });
    outgoing.on('error', reject);
    if (Array.isArray(body)) {
      outgoing.setHeader('transfer-encoding', 'chunked');
      outgoing.flushHeaders();
      for (const piece of body) outgoing.write(piece);
    } else if (body !== undefined) {
      outgoing.setHeader('content-length', Buffer.byteLength(body));
      outgoing.write(body);
    }
    outgoing.end();
  });
}
