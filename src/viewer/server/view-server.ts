/**
 * The server of `langfield view` and `langfield train --view`: hands out the built page and one run. A request names an
 * entry of two tables made beforehand (page-files.ts, site.ts), no path from outside ever reaches the file system; or it
 * concerns a training in progress (training-routes.ts).
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { LangfieldError } from '../../errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { contentType, pageHeaders } from '../policy.ts';
import type { Site, SiteContent } from '../site.ts';
import { sitePaths } from '../site-paths.ts';
import { type AccessRules, cookieName, isLoopbackHost, judge } from './access.ts';
import { openContained } from './contained-file.ts';
import { listPage } from './page-files.ts';
import { PhotoStore } from './photo-store.ts';
import { RateLimit } from './rate-limit.ts';
import { Refusal } from './refusal.ts';
import { type LiveTraining, TrainingRoutes } from './training-routes.ts';

export interface ViewServerOptions {
  /** Folder of the built page. */
  page: string;
  /** Called for every manifest, so that a run that is still being trained is seen as it is. */
  describe(): Promise<Site>;
  host: string;
  /** 0 = any free one. */
  port: number;
  /** Needed for every host but loopback. */
  token?: string;
  machine: Pick<Platform, 'files' | 'images'>;
  /** A training in progress, for the page to show and steer. */
  training?: LiveTraining;
  /** What happened to a request that failed on our side. */
  onFault?(problem: string): void;
}

export interface ViewServer {
  /** With the token, if there is one. */
  url: string;
  port: number;
  close(): Promise<void>;
}

const limits = {
  headerBytes: 8192,
  urlLength: 2048,
  connections: 128,
  headersMs: 10_000,
  requestMs: 30_000,
  /** Per address. */
  burst: 600,
  perSecond: 60,
  badTokens: 8,
  badTokensPerSecond: 0.1,
};

export async function startViewServer(options: ViewServerOptions): Promise<ViewServer> {
  const { host, port, token } = options;
  const loopback = isLoopbackHost(host);
  if (!loopback && token === undefined) throw new Error('a server that others can reach needs a token');
  if (token !== undefined) checkToken(token);
  const handler = new ViewHandler(options, await listPage(options.page), await options.describe(), { loopback, token });
  const server = createServer({ maxHeaderSize: limits.headerBytes, requireHostHeader: true }, (request, response) =>
    handler.answer(request, response),
  );
  server.maxConnections = limits.connections;
  server.headersTimeout = limits.headersMs;
  server.requestTimeout = limits.requestMs;
  server.on('clientError', refuseBrokenRequest);
  await listen(server, host, port);
  const bound = (server.address() as AddressInfo).port;
  handler.port = bound;
  return {
    url: `http://${addressName(host)}:${bound}/${token === undefined ? '' : `?token=${token}`}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        handler.training.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What a visitor types: an address that stands for all of this machine's is no address to go to. */
function addressName(host: string): string {
  if (host === '0.0.0.0' || host === '::') return hostname();
  return host.includes(':') ? `[${host}]` : host;
}

function checkToken(token: string): void {
  if (/^[A-Za-z0-9_-]{16,128}$/.test(token)) return;
  throw new LangfieldError({
    problem: 'this token is too easy to guess or does not fit into an address',
    field: '--token',
    found: `${token.length} characters`,
    expected: '16 to 128 letters, digits, "-" and "_"',
    advice: 'Leave --token out to have one made',
  });
}

/** Bytes that are no HTTP request at all, or too many of them. */
function refuseBrokenRequest(error: NodeJS.ErrnoException, socket: Socket | NodeJS.WritableStream): void {
  if (!socket.writable) return;
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenFault(error, host, port)));
    server.listen(port, host, resolve);
  });
  server.removeAllListeners('error');
  // A failed accept concerns one visitor, not the server.
  server.on('error', () => {});
}

function listenFault(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const advice: Record<string, string> = {
    EADDRINUSE: 'Choose another port with --port, or 0 for any free one',
    EACCES: 'Choose a port above 1023 with --port',
    EADDRNOTAVAIL: 'Give an address of this machine with --host, or 0.0.0.0 for all of them',
    ENOTFOUND: 'Give an address of this machine with --host',
  };
  if (error.code === undefined || !(error.code in advice)) return error;
  const found = `${host}, port ${port} (${error.code})`;
  return new LangfieldError(
    { problem: 'the viewer cannot listen there', found, advice: advice[error.code] },
    { cause: error },
  );
}

const hasBody = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;

class ViewHandler {
  port = 0;
  private readonly options: ViewServerOptions;
  private readonly rules: AccessRules;
  private readonly page: Set<string>;
  private site: Site;
  readonly training: TrainingRoutes;
  private readonly photos: PhotoStore;
  private readonly requests = new RateLimit(limits.burst, limits.perSecond, () => performance.now());
  private readonly badTokens = new RateLimit(limits.badTokens, limits.badTokensPerSecond, () => performance.now());

  constructor(options: ViewServerOptions, page: string[], site: Site, rules: AccessRules) {
    this.options = options;
    this.rules = rules;
    this.page = new Set(page);
    this.site = site;
    this.photos = new PhotoStore(options.machine);
    const { training } = options;
    this.training = new TrainingRoutes({ name: site.manifest.name, training, now: () => performance.now() });
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(pageHeaders)) response.setHeader(name, value);
    response.setHeader('Cache-Control', 'no-store');
    try {
      await this.route(request, response);
    } catch (error) {
      this.fail(error, response);
    }
  }

  private fail(error: unknown, response: ServerResponse): void {
    const refusal = error instanceof Refusal ? error : undefined;
    // A visitor who leaves in the middle is no fault.
    if (!refusal && !response.destroyed) this.options.onFault?.((error as Error).message);
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const text = `${refusal?.message ?? 'The server could not read this part of the scene; its terminal says why.'}\n`;
    response.writeHead(refusal?.status ?? 500, { ...refusal?.headers, 'Content-Type': 'text/plain; charset=utf-8' });
    response.end(text);
  }

  private async route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = request.socket.remoteAddress ?? '';
    if (!this.requests.take(address)) throw new Refusal(429, 'Too many requests.', { 'Retry-After': '1' });
    const url = this.checkedUrl(request);
    this.admit(request, response, url, address);
    if (response.writableEnded) return;
    const path = url.pathname === '/' ? 'index.html' : url.pathname.slice(1);
    if (await this.training.answer(path, request, response, address)) return;
    const head = request.method === 'HEAD';
    if (this.page.has(path))
      return this.sendFile(response, path, join(this.options.page, path), this.options.page, head);
    const name = path.startsWith('scene/') ? path.slice('scene/'.length) : undefined;
    if (name === sitePaths.manifest) this.site = await this.options.describe();
    const content = name === undefined ? undefined : this.site.files.get(name);
    if (name === undefined || content === undefined) throw new Refusal(404, 'There is nothing of this name.');
    await this.sendContent(response, name, content, head);
  }

  private checkedUrl(request: IncomingMessage): URL {
    const { method, url = '', headers } = request;
    const order = TrainingRoutes.takesOrders(request);
    if (method !== 'GET' && method !== 'HEAD' && !order)
      throw new Refusal(405, 'Only GET and HEAD.', { Allow: 'GET, HEAD' });
    if (!order && hasBody(headers)) throw new Refusal(413, 'Requests carry no body here.', { Connection: 'close' });
    if (url.length > limits.urlLength) throw new Refusal(414, 'The address is too long.');
    if (!url.startsWith('/') || !URL.canParse(url, 'http://host')) throw new Refusal(400, 'The address is malformed.');
    return new URL(url, 'http://host');
  }

  private admit(request: IncomingMessage, response: ServerResponse, url: URL, address: string): void {
    if (!this.badTokens.allows(address)) throw new Refusal(429, 'Too many wrong tokens.', { 'Retry-After': '10' });
    const verdict = judge(this.rules, url, request.headers, this.port);
    if (verdict.kind === 'refused') {
      if (verdict.badToken) this.badTokens.take(address);
      throw new Refusal(verdict.status, verdict.message);
    }
    if (verdict.kind === 'allowed') return;
    const cookie = `${cookieName(this.port)}=${this.rules.token}; HttpOnly; SameSite=Strict; Path=/`;
    response.writeHead(303, { Location: url.pathname, 'Set-Cookie': cookie }).end();
  }

  private async sendContent(
    response: ServerResponse,
    name: string,
    content: SiteContent,
    head: boolean,
  ): Promise<void> {
    if (content.kind === 'file') return this.sendFile(response, name, content.path, content.root, head);
    const bytes = content.kind === 'bytes' ? content.bytes : await this.photos.get(name, content);
    response.writeHead(200, { 'Content-Type': contentType(name), 'Content-Length': bytes.length });
    response.end(head ? undefined : bytes);
  }

  private async sendFile(
    response: ServerResponse,
    name: string,
    path: string,
    root: string | undefined,
    head: boolean,
  ): Promise<void> {
    const file = await openContained(path, root);
    if (file === undefined) throw new Refusal(404, 'There is nothing of this name.');
    try {
      // Names in assets/ change with their content.
      if (name.startsWith('assets/')) response.setHeader('Cache-Control', 'private, max-age=31536000, immutable');
      response.writeHead(200, { 'Content-Type': contentType(name), 'Content-Length': file.size });
      if (head || file.size === 0) response.end();
      else await pipeline(file.handle.createReadStream({ autoClose: false, end: file.size - 1 }), response);
    } finally {
      await file.handle.close();
    }
  }
}
