/**
 * A model hub on 127.0.0.1 for tests of downloads: honest by itself (ETag, ranges, If-Range), and able to misbehave on
 * the next requests in whatever way a test asks for.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers one request; `file` is what is served at its path, if anything. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse, file: Uint8Array | undefined) => void;

export interface SeenRequest {
  path: string;
  range?: string;
  ifRange?: string;
}

export interface LocalHub {
  base: string;
  /** By path, such as "/owner/name/resolve/main/file". */
  files: Map<string, Uint8Array>;
  /** One for each of the next requests; honest once they are used up. */
  next: Behaviour[];
  /** Instead of honesty, for every request. */
  always: Behaviour | undefined;
  seen: SeenRequest[];
  close(): Promise<void>;
}

export const etagOf = (bytes: Uint8Array): string => `"${createHash('sha1').update(bytes).digest('hex')}"`;

export const honest: Behaviour = (request, response, file) => {
  if (!file) {
    response.writeHead(404).end('not here');
    return;
  }
  const etag = etagOf(file);
  const { range, 'if-range': ifRange } = request.headers;
  const start = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  if (range !== undefined && (ifRange === undefined || ifRange === etag)) {
    if (start >= file.length) response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
    else
      response
        .writeHead(206, {
          etag,
          'content-range': `bytes ${start}-${file.length - 1}/${file.length}`,
          'content-length': file.length - start,
        })
        .end(file.subarray(start));
  } else response.writeHead(200, { etag, 'accept-ranges': 'bytes', 'content-length': file.length }).end(file);
};

/**
 * Promises the whole file, sends the bytes up to `end` of what was asked for, and then falls silent, or breaks the
 * connection once `arrived` says that they are with the reader (a break takes along what is still on its way).
 */
export function stopsAt(end: number, arrived?: () => boolean, headers: Record<string, string> = {}): Behaviour {
  return (request, response, file) => {
    const start = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
    const range = { 'content-range': `bytes ${start}-${file!.length - 1}/${file!.length}` };
    response.writeHead(start > 0 ? 206 : 200, {
      ...{ etag: etagOf(file!), 'content-length': file!.length - start },
      ...(start > 0 && range),
      ...headers,
    });
    response.write(file!.subarray(start, end));
    if (!arrived) return;
    const timer = setInterval(() => {
      if (!arrived()) return;
      clearInterval(timer);
      response.destroy();
    }, 5);
    response.on('close', () => clearInterval(timer));
  };
}

export const answers = (status: number, headers: Record<string, string> = {}): Behaviour => {
  return (_, response) => void response.writeHead(status, headers).end('a page about it');
};

export async function startLocalHub(): Promise<LocalHub> {
  const hub: Omit<LocalHub, 'base' | 'close'> = { files: new Map(), next: [], always: undefined, seen: [] };
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').split('?')[0]);
    const { range, 'if-range': ifRange } = request.headers;
    hub.seen.push({ path, range, ifRange: ifRange as string | undefined });
    const behave = hub.next.shift() ?? hub.always ?? honest;
    behave(request, response, hub.files.get(path));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(hub, {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
