import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get as httpGet, type IncomingMessage, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nodePlatform } from '../../platform/node/index.ts';
import { TrainingMonitor } from '../../training/monitor.ts';
import { parseManifest } from '../manifest.ts';
import { waitingSite } from '../site.ts';
import { orderFor, type TrainingNews } from '../training-link.ts';
import { startViewServer, type ViewServer } from './view-server.ts';

const page = mkdtempSync(join(tmpdir(), 'langfield-training-routes-'));
const servers: ViewServer[] = [];
const faults: string[] = [];
beforeAll(() => {
  mkdirSync(join(page, 'assets'));
  writeFileSync(join(page, 'index.html'), '<!doctype html>');
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  expect(faults.splice(0)).toEqual([]);
});
afterAll(() => rmSync(page, { recursive: true }));

const begun = () => {
  const monitor = new TrainingMonitor({ now: () => performance.now(), paced: true, goOnWith: 'langfield train' });
  const settings = { minutes: 0, saveSeconds: 120, saveSteps: 0 };
  const stage = { name: 'radiance', steps: 100, counterBase: 0 } as const;
  monitor.begin({ stages: [stage], fields: ['panoptic'], settings, log: [] });
  monitor.stageBegun(stage, { step: 0, seconds: 0 });
  return monitor;
};

async function serve(training?: TrainingMonitor, token?: string): Promise<ViewServer> {
  const server = await startViewServer({
    page,
    describe: async () => waitingSite('runs/desk'),
    host: '127.0.0.1',
    port: 0,
    token,
    machine: nodePlatform(),
    training,
    onFault: (problem) => faults.push(problem),
  });
  servers.push(server);
  return server;
}

/** Posts an order as the page does; `headers` replaces what the page sends, undefined leaves it out. */
function post(
  port: number,
  body: string,
  headers: Record<string, string | undefined> = {},
): Promise<{ status: number; text: string }> {
  const sent = {
    host: `localhost:${port}`,
    origin: `http://localhost:${port}`,
    'content-type': 'application/json',
    'content-length': `${Buffer.byteLength(body)}`,
    'sec-fetch-site': 'same-origin',
    ...headers,
  };
  const given = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined)) as object;
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/training/orders', method: 'POST', headers: { ...given } };
    const request = httpRequest(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode!, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** A page that follows: its news so far, and a wait for one of a kind. */
async function follow(port: number, host = '127.0.0.1') {
  const response = await new Promise<IncomingMessage>((resolve) => {
    httpGet({ host, port, path: '/training/news', agent: false }, resolve);
  });
  const news: TrainingNews[] = [];
  const waiting: (() => void)[] = [];
  let text = '';
  response.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    const messages = text.split('\n\n');
    text = messages.pop()!;
    for (const message of messages)
      if (message.startsWith('data: ')) news.push(JSON.parse(message.slice('data: '.length)) as TrainingNews);
    for (const wake of waiting.splice(0)) wake();
  });
  response.on('error', () => {});
  const ended = new Promise<void>((resolve) => response.on('close', resolve));
  const until = async (isIt: (each: TrainingNews) => boolean): Promise<TrainingNews> => {
    for (;;) {
      const found = news.findLast(isIt);
      if (found) return found;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return { response, news, until, ended, leave: () => response.destroy() };
}

describe('news of a training', () => {
  it('begin with everything, go on with what has changed, and tell a change of state at once', async () => {
    const monitor = begun();
    monitor.logged({ stage: 'radiance', step: 20, seconds: 2, stepsPerSecond: 10, rgb: 0.01, psnr: 20 });
    const { port } = await serve(monitor);
    const { news, until, response } = await follow(port);
    const first = await until(() => true);
    expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(response.headers['cache-control']).toBe('no-store');
    expect(first).toMatchObject({
      name: 'desk',
      report: { state: 'training', stage: { name: 'radiance', step: 0, steps: 100 }, fields: ['panoptic'] },
      curves: [{ stage: 'radiance', from: 0, points: [{ step: 20, rgb: 0.01, psnr: 20 }] }],
    });
    for (let step = 21; step <= 60; step++) monitor.stepTaken(step);
    monitor.logged({ stage: 'radiance', step: 60, seconds: 6, stepsPerSecond: 10, rgb: 0.001, psnr: 30 });
    const later = await until(({ report }) => report.stage?.step === 60);
    expect(later.curves).toEqual([{ stage: 'radiance', from: 1, points: [{ step: 60, rgb: 0.001, psnr: 30 }] }]);
    // Forty steps are not forty messages.
    expect(news.length).toBeLessThan(10);
    monitor.failed('the disk is full');
    expect((await until(({ report }) => report.state === 'failed')).report.error).toBe('the disk is full');
  });

  it('tell all pages the same, and a page that comes later everything', async () => {
    const monitor = begun();
    const { port } = await serve(monitor);
    const [one, other] = [await follow(port), await follow(port)];
    expect((await post(port, orderFor('pause'))).status).toBe(204);
    for (const each of [one, other]) await each.until(({ report }) => report.state === 'pausing');
    const late = await follow(port);
    expect((await late.until(() => true)).report.state).toBe('pausing');
  });

  it('go to so many pages at a time, and a page that has left makes room', async () => {
    const monitor = begun();
    const { port, url } = await serve(monitor);
    const pages = [];
    for (let i = 0; i < 24; i++) pages.push(await follow(port));
    const refused = await fetch(`${url}training/news`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
    pages[0].leave();
    let again = await follow(port);
    for (; again.response.statusCode === 503; again = await follow(port))
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(again.response.statusCode).toBe(200);
  });

  it('end when the server ends, with the last of them', async () => {
    const monitor = begun();
    const server = await serve(monitor);
    const { news, ended, until } = await follow(server.port);
    await until(() => true);
    monitor.failed('no');
    await server.close();
    await ended;
    expect(news.at(-1)!.report.state).toBe('failed');
    // Nobody listens any more.
    monitor.stepTaken(1);
  });
});

describe('orders to a training', () => {
  it('pause, resume and stop it, and say when it is too late', async () => {
    const monitor = begun();
    const { port } = await serve(monitor);
    const answers: [number, string][] = [];
    for (const action of ['pause', 'pause', 'resume', 'stop', 'stop', 'resume'] as const)
      answers.push([(await post(port, orderFor(action))).status, monitor.state]);
    expect(answers).toEqual([
      [204, 'pausing'],
      [204, 'pausing'],
      [204, 'training'],
      [204, 'stopping'],
      [204, 'stopping'],
      [409, 'stopping'],
    ]);
    monitor.ended('stopped');
    const late = await post(port, orderFor('pause'));
    expect(late).toEqual({ status: 409, text: 'This training cannot pause now: its state is stopped.\n' });
  });

  it('come from the page itself or are refused', async () => {
    const monitor = begun();
    const { port } = await serve(monitor);
    const refused = async (headers: Record<string, string | undefined>) =>
      (await post(port, orderFor('stop'), headers)).status;
    expect(await refused({ origin: undefined })).toBe(403);
    expect(await refused({ origin: 'http://evil.example' })).toBe(403);
    expect(await refused({ origin: 'null' })).toBe(403);
    expect(await refused({ origin: `http://127.0.0.1:${port}` })).toBe(403);
    expect(await refused({ host: `evil.example:${port}`, origin: `http://evil.example:${port}` })).toBe(403);
    for (const site of ['cross-site', 'same-site', 'none'])
      expect(await refused({ 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' })).toBe(403);
    expect(await refused({ 'content-type': 'text/plain' })).toBe(415);
    expect(await refused({ 'content-type': 'application/x-www-form-urlencoded' })).toBe(415);
    expect(monitor.state).toBe('training');
  });

  it('are one of three texts', async () => {
    const monitor = begun();
    const { port } = await serve(monitor);
    for (const body of ['', '{}', 'pause', '{"action":"pause" }', '{"action":"__proto__"}', '{"action":"pause"'])
      expect([body, (await post(port, body)).status]).toEqual([body, 400]);
    expect((await post(port, orderFor('stop').padEnd(65))).status).toBe(413);
    const endless = { 'content-length': undefined, 'transfer-encoding': 'chunked' };
    expect((await post(port, orderFor('stop'), endless)).status).toBe(413);
    expect(monitor.state).toBe('training');
  });

  it('are posted, and not too many', async () => {
    const monitor = begun();
    const { port, url } = await serve(monitor);
    expect((await fetch(`${url}training/orders`)).status).toBe(405);
    expect((await fetch(`${url}training/orders`, { method: 'PUT' })).status).toBe(405);
    expect((await fetch(`${url}training/news`, { method: 'POST' })).status).toBe(405);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    const statuses = [];
    for (let i = 0; i < 20; i++) statuses.push((await post(port, orderFor('pause'))).status);
    expect(statuses.slice(0, 10)).toEqual(new Array(10).fill(204));
    expect(statuses).toContain(429);
  });

  it('need the token where the page does', async () => {
    const monitor = begun();
    const { port } = await serve(monitor, 'abcdefgh-1234567');
    expect((await post(port, orderFor('stop'))).status).toBe(401);
    const cookie = `langfield-${port}=abcdefgh-1234567`;
    expect((await post(port, orderFor('stop'), { cookie })).status).toBe(204);
  });
});

describe('a run that is only looked at', () => {
  it('has no news and takes no orders', async () => {
    const { port, url } = await serve();
    expect((await fetch(`${url}training/news`)).status).toBe(404);
    expect((await post(port, orderFor('pause'))).status).toBe(404);
  });
});

describe('a training that has saved nothing yet', () => {
  it('has a manifest that says so, and no scene', async () => {
    const { url } = await serve(begun());
    const manifest = parseManifest(await (await fetch(`${url}scene/manifest.json`)).text(), 'manifest.json');
    expect(manifest).toMatchObject({ name: 'desk', training: true, waiting: true, files: [] });
    expect((await fetch(`${url}scene/scene.safetensors`)).status).toBe(404);
  });
});
