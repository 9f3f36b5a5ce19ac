/** An artifact server for tests: a real one, in so far as bytes go through sockets. */
import { createHash } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse
} from 'node:http';
import type { AddressInfo } from 'node:net';

import { ServerConnection } from '@jupyterlab/services';

import { parseReference, type IPart } from '../src/reference';

export class TestStore {
  /** Every request, as "METHOD path?query". */
  readonly requests: string[] = [];

  /** The headers of the last request. */
  headers: IncomingHttpHeaders = {};

  /** How many bytes of artifacts were sent. */
  sent = 0;

  /** Whether ranges are given, as by the server itself, or all of it, as by some gateways. */
  hasRanges = true;

  /** Answers in place of artifacts, unless it is 200 and nothing: status and body, taken first to last; the last stays. */
  answers: [number, string][] = [];

  static async start(): Promise<TestStore> {
    const store = new TestStore();
    await new Promise<void>(resolve => store._server.listen(0, '127.0.0.1', resolve));
    return store;
  }

  async stop(): Promise<void> {
    await new Promise(resolve => this._server.close(resolve));
  }

  get settings(): ServerConnection.ISettings {
    const { port } = this._server.address() as AddressInfo;
    return ServerConnection.makeSettings({ baseUrl: `http://127.0.0.1:${port}/user/ada/` });
  }

  /** The JSON of a part whose artifact is in the store, unless it is to be missing. */
  put(content: string | Buffer, fields: object, missing = false): Record<string, unknown> {
    const bytes = Buffer.from(content as string);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (!missing) {
      this._artifacts.set(sha256, bytes);
    }
    return { sha256, size: bytes.length, encoding: 'utf-8', ...fields };
  }

  /** The same, parsed. */
  part(content: string | Buffer, fields: object = {}, missing = false): IPart {
    const parts = { 'text/x': this.put(content, fields, missing) };
    const reference = parseReference({ kind: 'bundle', parts });
    if (reference?.kind !== 'bundle') {
      throw new Error('not a part');
    }
    return [...reference.parts.values()][0] as IPart;
  }

  private _answer(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '';
    this.headers = request.headers;
    this.requests.push(`${request.method ?? ''} ${url}`);
    const [status, body] = (this.answers.length > 1 ? this.answers.shift() : this.answers[0]) ?? [];
    const digest = /artifacts\/(\w+)\?/.exec(url)?.[1] ?? '';
    const bytes = this._artifacts.get(digest);
    if (status !== undefined && (status !== 200 || body)) {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
    } else if (bytes === undefined) {
      response.writeHead(404).end(JSON.stringify({ message: 'none', reason: 'missing' }));
    } else {
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      const isPart = this.hasRanges && from !== undefined && to !== undefined;
      const body = isPart ? bytes.subarray(Number(from), Number(to) + 1) : bytes;
      this.sent += body.length;
      response.writeHead(isPart ? 206 : 200).end(body);
    }
  }

  private readonly _artifacts = new Map<string, Buffer>();
  private readonly _server: Server = createServer((request, response) => {
    this._answer(request, response);
  });
}
