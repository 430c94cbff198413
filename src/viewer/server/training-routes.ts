/**
 * A training in progress over HTTP: a stream of news, and orders to pause, resume and stop it. Who may ask at all has
 * been judged before (access.ts); orders are held to more: they come from the page itself, and are one of three texts.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CurveMark } from '../../training/curves.ts';
import { type TrainingAction, trainingActions, type TrainingMonitor } from '../../training/monitor.ts';
import { orderFor, type TrainingNews, trainingPaths } from '../training-link.ts';
import { RateLimit } from './rate-limit.ts';
import { Refusal } from './refusal.ts';

/** The part of a monitor that others may use. */
export type LiveTraining = Pick<TrainingMonitor, 'report' | 'curvesSince' | 'subscribe' | 'act'>;

export interface TrainingRoutesOptions {
  /** Name of the run. */
  name: string;
  /** undefined: a run that is only looked at. */
  training?: LiveTraining;
  /** Milliseconds. */
  now(): number;
}

const limits = {
  /** Streams at a time; each is a connection that stays. */
  streams: 24,
  /** Between two messages, unless the state changes. */
  newsMs: 500,
  /** Without news, so that a visitor who has gone is noticed. */
  stillThereMs: 15_000,
  /** Until the page asks again when the connection is lost. */
  retryMs: 2000,
  orderBytes: 64,
  /** Orders per address. */
  burst: 10,
  perSecond: 1,
};

const orders = new Map(trainingActions.map((action) => [orderFor(action), action]));

export class TrainingRoutes {
  private readonly options: TrainingRoutesOptions;
  private readonly streams = new Set<NewsStream>();
  private readonly orderRate: RateLimit;

  constructor(options: TrainingRoutesOptions) {
    this.options = options;
    this.orderRate = new RateLimit(limits.burst, limits.perSecond, options.now);
  }

  /** Whether a request for this path may carry an order. */
  static takesOrders(request: Pick<IncomingMessage, 'method' | 'url'>): boolean {
    return request.method === 'POST' && request.url === `/${trainingPaths.orders}`;
  }

  /** Answers a request for one of the paths of a training; false for any other. */
  async answer(path: string, request: IncomingMessage, response: ServerResponse, address: string): Promise<boolean> {
    if (path !== trainingPaths.news && path !== trainingPaths.orders) return false;
    const { training } = this.options;
    if (training === undefined) throw new Refusal(404, 'This run is not being trained here.', closing);
    if (path === trainingPaths.news) this.sendNews(training, request, response);
    else await this.obey(training, request, response, address);
    return true;
  }

  /** Sends what there is to say and ends all streams. */
  close(): void {
    for (const stream of this.streams) stream.close();
  }

  private sendNews(training: LiveTraining, request: IncomingMessage, response: ServerResponse): void {
    if (this.streams.size >= limits.streams)
      throw new Refusal(503, 'Too many pages follow this training.', { 'Retry-After': '10' });
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const stream = new NewsStream(this.options.name, training, response);
    this.streams.add(stream);
    response.on('close', () => {
      stream.close();
      this.streams.delete(stream);
    });
  }

  private async obey(
    training: LiveTraining,
    request: IncomingMessage,
    response: ServerResponse,
    address: string,
  ): Promise<void> {
    if (request.method !== 'POST') throw new Refusal(405, 'Orders are posted.', { Allow: 'POST' });
    if (!this.orderRate.take(address)) throw new Refusal(429, 'Too many orders.', { 'Retry-After': '1', ...closing });
    requireOwnPage(request);
    const action = await readOrder(request);
    if (!training.act(action))
      throw new Refusal(409, `This training cannot ${action} now: its state is ${training.report.state}.`);
    response.writeHead(204).end();
  }
}

/** For requests whose body is not read. */
const closing = { Connection: 'close' };

/** Browsers say where a POST comes from; one that does not say it is not from the page. */
function requireOwnPage({ headers }: IncomingMessage): void {
  const site = headers['sec-fetch-site'];
  if (headers.origin !== `http://${headers.host}` || (site !== undefined && site !== 'same-origin'))
    throw new Refusal(403, 'Orders are taken from the page of this server only.', closing);
  if (headers['content-type'] !== 'application/json') throw new Refusal(415, 'An order is application/json.', closing);
}

async function readOrder(request: IncomingMessage): Promise<TrainingAction> {
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  if (request.headers['transfer-encoding'] !== undefined || !(length <= limits.orderBytes))
    throw new Refusal(413, 'An order is short and says how long it is.', closing);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const action = orders.get(Buffer.concat(chunks).toString('utf8'));
  if (action === undefined) throw new Refusal(400, 'There is no such order.');
  return action;
}

/** News for one page: at once when the state changes, else twice a second; a slow reader is sent less, never more. */
class NewsStream {
  private readonly name: string;
  private readonly training: LiveTraining;
  private readonly response: ServerResponse;
  private readonly mark: CurveMark = new Map();
  private readonly leave: () => void;
  private readonly stillThere: NodeJS.Timeout;
  private timer: NodeJS.Timeout | undefined;
  private pending = false;
  private closed = false;

  constructor(name: string, training: LiveTraining, response: ServerResponse) {
    this.name = name;
    this.training = training;
    this.response = response;
    // A visitor may leave while something is being written.
    response.on('error', () => {});
    response.write(`retry: ${limits.retryMs}\n\n`);
    this.leave = training.subscribe((urgent) => this.note(urgent));
    this.stillThere = setInterval(() => response.destroyed || response.write(':\n\n'), limits.stillThereMs);
    response.on('drain', () => this.pending && this.note(true));
    this.send();
  }

  close(): void {
    if (this.closed) return;
    if (this.pending) this.send();
    this.closed = true;
    this.leave();
    clearTimeout(this.timer);
    clearInterval(this.stillThere);
    this.response.end();
  }

  private note(urgent: boolean): void {
    this.pending = true;
    if (urgent) this.send();
    else this.timer ??= setTimeout(() => this.send(), limits.newsMs);
  }

  private send(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.closed || this.response.destroyed || this.response.writableNeedDrain) return;
    this.pending = false;
    const news: TrainingNews = {
      name: this.name,
      report: this.training.report,
      curves: this.training.curvesSince(this.mark),
    };
    this.response.write(`data: ${JSON.stringify(news)}\n\n`);
  }
}
