import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { ServerConnection } from '@jupyterlab/services';

import { ArtifactError } from '../src/artifacts';
import { StreamClient } from '../src/stream_client';
import type { ISearchProgress } from '../src/streams';
import { INDEX, LOG } from './streams';

const LINES = { first: 3, lines: ['a'], total: 4, size: 9, revision: '7', live: true, clipped: {} };

let requests: string[];
let answer: (response: ServerResponse, url: URL) => void;
let client: StreamClient;

const server = createServer((request, response) => {
  requests.push(request.url ?? '');
  answer(response, new URL(request.url ?? '', 'http://x'));
});

beforeAll(() => new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve)));

afterAll(() => {
  server.closeAllConnections();
  return new Promise(resolve => server.close(resolve));
});

beforeEach(() => {
  requests = [];
  answer = response => response.end(JSON.stringify(LINES));
  const { port } = server.address() as AddressInfo;
  const serverSettings = ServerConnection.makeSettings({
    baseUrl: `http://127.0.0.1:${port}/user/ada/`
  });
  client = new StreamClient({ serverSettings, retryDelaysMs: [1, 1], pollMs: 1 });
});

async function search(
  text: string,
  signal = new AbortController().signal
): Promise<ISearchProgress[]> {
  const parts: ISearchProgress[] = [];
  for await (const part of client.search(LOG, { text, matchCase: true, regex: false }, signal)) {
    parts.push(part);
  }
  return parts;
}

describe('The stream client', () => {
  it('asks for lines by their numbers, or from the end', async () => {
    await client.lines(INDEX, { from: 3, count: 10 });
    await client.lines(LOG, { tail: 5 });
    expect(requests).toEqual([
      `/user/ada/api/crdt-outputs/streams/${INDEX}/lines?from=3&count=10`,
      `/user/ada/api/crdt-outputs/streams/${LOG}/lines?tail=5`
    ]);
  });

  it('knows which lines are not whole', async () => {
    answer = response => response.end(JSON.stringify({ ...LINES, clipped: { '3': 70_000 } }));
    const { clipped, total } = await client.lines(INDEX, { tail: 1 });
    expect([clipped.get(3), total]).toEqual([70_000, 4]);
  });

  it('has two connections wait at the most, and asks now and then in place of a third', async () => {
    const held: ServerResponse[] = [];
    answer = (response, url) => {
      if (url.searchParams.has('after')) {
        held.push(response);
      } else {
        response.end(JSON.stringify(LINES));
      }
    };
    const waiting = [1, 2].map(() => client.lines(LOG, { tail: 1 }, { after: '7' }));
    await client.lines(LOG, { tail: 1 }, { after: '7' });
    while (held.length < 2) {
      await new Promise(resolve => setTimeout(resolve, 1));
    }
    expect(requests.filter(url => !url.includes('after'))).toHaveLength(1);
    held.forEach(response => response.end(JSON.stringify(LINES)));
    await Promise.all(waiting);
    answer = response => response.end(JSON.stringify(LINES));
    await client.lines(LOG, { tail: 1 }, { after: '8' });
    expect(requests.at(-1)).toContain('after=8');
  });

  it('tries again what may work a moment later, and says so', async () => {
    answer = response => {
      response.writeHead(503).end('{}');
      answer = response => response.end(JSON.stringify(LINES));
    };
    const onRetry = jest.fn();
    expect((await client.lines(LOG, { tail: 1 }, { onRetry })).lines).toEqual(['a']);
    expect(onRetry).toHaveBeenCalledTimes(1);
  });

  it('tells at once that a stream is missing, and which', async () => {
    answer = response => response.writeHead(404).end('{"reason": "LogMissing"}');
    const error: unknown = await client.lines(LOG, { tail: 1 }).catch((error: unknown) => error);
    expect(error).toMatchObject({ fault: 'missing', digest: LOG });
    expect(requests).toHaveLength(1);
  });

  it('ends a question that nobody waits for any more', async () => {
    const gone = new Promise<void>(resolve => {
      answer = response => response.on('close', resolve);
    });
    const attempt = new AbortController();
    const { signal } = attempt;
    const question = client.lines(LOG, { tail: 1 }, { after: '7', signal });
    setTimeout(() => {
      attempt.abort();
    }, 20);
    await expect(question).rejects.toMatchObject({ name: 'AbortError' });
    await gone;
  });

  it('has the address of the whole text', () => {
    expect(client.url(INDEX)).toMatch(
      new RegExp(`/user/ada/api/crdt-outputs/streams/${INDEX}.download=1$`)
    );
  });
});

describe('A search', () => {
  const part = { hits: [[5, 2, 3]], count: 1, scanned: 10, size: 20, done: false };

  it('tells what was found as the server finds it, however its answer is cut', async () => {
    const text = `${JSON.stringify(part)}\n${JSON.stringify({ ...part, scanned: 20, done: true })}\n`;
    answer = response => {
      response.write(text.slice(0, 25));
      setTimeout(() => response.end(text.slice(25)), 5);
    };
    expect(await search('x')).toEqual([
      { hits: [{ line: 5, column: 2, length: 3 }], count: 1, scanned: 10, size: 20 },
      { hits: [{ line: 5, column: 2, length: 3 }], count: 1, scanned: 20, size: 20 }
    ]);
  });

  it('is for any text', async () => {
    answer = response => response.end(`${JSON.stringify({ ...part, done: true })}\n`);
    await search('a&b=c ü+#');
    expect(requests[0]).toContain('q=a%26b%3Dc%20%C3%BC%2B%23&case=1&regex=0');
  });

  it('says in the server’s words why a query cannot be searched for', async () => {
    answer = response => response.writeHead(400).end('{"message": "unbalanced (", "reason": "x"}');
    await expect(search('(')).rejects.toThrow('unbalanced (');
  });

  it('says so when it went wrong on the way', async () => {
    answer = response => response.end('{"error": "takes too long", "done": true}\n');
    await expect(search('(a+)+')).rejects.toThrow('takes too long');
    answer = response => response.end(`${JSON.stringify(part)}\n`);
    await expect(search('a')).rejects.toBeInstanceOf(ArtifactError);
  });

  it('ends at the server when nobody wants it any more', async () => {
    const attempt = new AbortController();
    const gone = new Promise<void>(resolve => {
      answer = response => {
        response.on('close', resolve);
        response.write(`${JSON.stringify(part)}\n`);
        setTimeout(() => {
          attempt.abort();
        }, 20);
      };
    });
    await expect(search('a', attempt.signal)).rejects.toMatchObject({ name: 'AbortError' });
    await gone;
  });
});
