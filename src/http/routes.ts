// Puts handlers to endpoints, and reads for them what the endpoint says that it takes.
import { Router, type Request, type Response } from 'express';
import type { z } from 'zod';
import type { Endpoint, PathNames } from './api/endpoint.ts';
import { param, read, readQuery } from './input.ts';

/** A request, its input read by the schemas of its endpoint. */
export interface Call<E extends Endpoint> {
  request: Request;
  response: Response;
  params: Readonly<Record<PathNames<E['path']>, string>>;
  query: E extends { query: infer Q extends z.ZodObject } ? z.output<Q> : undefined;
  /** Read when it is first looked at: some handlers have checks that come before. @throws VALIDATION_ERROR. */
  readonly body: E extends { body: infer B extends z.ZodType } ? z.output<B> : undefined;
}

export class Routes {
  readonly router = Router({ mergeParams: true });
  readonly prefix: string;

  /** @param prefix where the router is mounted; the paths of all its endpoints begin with it. */
  constructor(prefix: string) {
    this.prefix = prefix;
  }

  on<E extends Endpoint>(endpoint: E, handle: (call: Call<E>) => void | Promise<void>): void {
    const { method, path, query, body } = endpoint;
    if (!path.startsWith(this.prefix)) throw new Error(`${path} does not stand below ${this.prefix}`);
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const below = path.slice(this.prefix.length).replaceAll(/\{(\w+)\}/g, ':$1') || '/';
    this.router[method](below, (request, response) => {
      const call = {
        request,
        response,
        params: Object.fromEntries(names.map((name) => [name, param(request, name)])),
        query: query && readQuery(query, request),
        get body() {
          return body && read(body, request);
        },
      };
      // The conditional types of Call say what the schemas say; the compiler cannot see that they do.
      return handle(call as unknown as Call<E>);
    });
  }
}
