// A client of the HTTP API, as thin as fetch: what it is asked it sends, what it gets it returns. Each answer is held
// against the API document on the way.
import { checkAnswer } from './documented.ts';

export interface Answer {
  status: number;
  headers: Headers;
  // Tests read answers field by field and assert on what they find.
  body: any;
}

export class Api {
  readonly url: string;
  readonly #token: string | undefined;

  constructor(url: string, token?: string) {
    this.url = url;
    this.#token = token;
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(text !== undefined && { 'content-type': 'application/json' }),
        ...(this.#token !== undefined && { authorization: `Bearer ${this.#token}` }),
        ...headers,
      },
      ...(text !== undefined && { body: text }),
      signal: AbortSignal.timeout(20_000),
    });
    const answer = await response.text();
    const { status, headers: answered } = response;
    const parsed: unknown = answer === '' ? null : JSON.parse(answer);
    if (method !== 'OPTIONS') checkAnswer(method, path, status, parsed);
    return { status, headers: answered, body: parsed };
  }

  get = (path: string, headers?: Record<string, string>) => this.send('GET', path, undefined, headers);
  post = (path: string, body: unknown = {}, headers?: Record<string, string>) =>
    this.send('POST', path, body, headers);
  put = (path: string, body: unknown) => this.send('PUT', path, body);
  patch = (path: string, body: unknown, headers?: Record<string, string>) =>
    this.send('PATCH', path, body, headers);
  delete = (path: string) => this.send('DELETE', path);

  /** A project's id. */
  async project(workingDir = '/tmp'): Promise<string> {
    return (await this.post('/api/projects', { name: 'A project', workingDir })).body.id;
  }

  /** A task's id. */
  async task(projectId: string, more: object = {}): Promise<string> {
    return (await this.post('/api/tasks', { projectId, title: 'A task', ...more })).body.id;
  }

  /** A session's id. */
  async session(projectId: string, taskIds: string[] = [], more: object = {}): Promise<string> {
    return (await this.post('/api/sessions', { projectId, taskIds, ...more })).body.id;
  }
}
