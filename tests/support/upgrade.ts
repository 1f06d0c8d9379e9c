import { once } from 'node:events';
import { WebSocket } from 'ws';

export const upgrade = (url: string, path: string, headers: Record<string, string> = {}): WebSocket =>
  new WebSocket(url.replace('http', 'ws') + path, { headers });

/** The status and code with which an upgrade is refused. */
export async function refusal(socket: WebSocket): Promise<[number, string]> {
  const [, response] = await once(socket, 'unexpected-response');
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return [response.statusCode, JSON.parse(text).code];
}
