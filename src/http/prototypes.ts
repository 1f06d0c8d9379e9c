// Requests and responses that are express' own from the start. Node makes them, and express then sets another prototype on
// each; an object whose prototype was changed is slow in all that is done with it afterwards. With these, that change is
// none: twice as many requests in a second (docs/decisions/0007).
import { IncomingMessage, ServerResponse, type RequestListener } from 'node:http';
import type { Express } from 'express';

/** A plain listener has no prototypes of its own. */
export type App = RequestListener & Partial<Pick<Express, 'request' | 'response'>>;

export interface Prototypes {
  /** What `createServer` takes. */
  readonly classes: { IncomingMessage: typeof IncomingMessage; ServerResponse: typeof ServerResponse };
  /** Puts the app's request and response between these classes and Node's. */
  adopt(app: App): void;
}

/** For one server: an app's prototypes know their app. */
export function createPrototypes(): Prototypes {
  class Request extends IncomingMessage {
    declare upgradeAsked: boolean | null;

    /**
     * An upgrade to another protocol than WebSocket is ignored, as HTTP lets a server do. Node asks here once it has
     * parsed the head; on `false` it parses and hands over an ordinary request, body included.
     */
    get upgrade(): boolean {
      if (this.upgradeAsked !== true) return false;
      return this.method === 'CONNECT' || this.headers.upgrade?.toLowerCase() === 'websocket';
    }

    /** Called by Node, by its constructor too. */
    set upgrade(asked: boolean | null) {
      this.upgradeAsked = asked;
    }
  }
  class Response<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {}
  return {
    classes: { IncomingMessage: Request, ServerResponse: Response },
    adopt: (app) => {
      if (!app.request || !app.response) return;
      Object.setPrototypeOf(Request.prototype, app.request);
      Object.setPrototypeOf(Response.prototype, app.response);
      Object.assign(app, { request: Request.prototype, response: Response.prototype });
    },
  };
}
