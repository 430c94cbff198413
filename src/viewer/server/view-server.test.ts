import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunFixture, writeRunFixture } from '../../../test/run-folder-fixture.ts';
import { openRunHead } from '../../field/run-folder.ts';
import { nodePlatform } from '../../platform/node/index.ts';
import { describeSite, findTextSource } from '../site.ts';
import { startViewServer, type ViewServer, type ViewServerOptions } from './view-server.ts';

const platform = nodePlatform();
const secret = 'the secret outside';
let fixture: RunFixture;
let page = '';
const servers: ViewServer[] = [];
const faults: string[] = [];

beforeAll(async () => {
  fixture = await writeRunFixture(platform);
  page = join(fixture.root, 'page');
  mkdirSync(join(page, 'assets'), { recursive: true });
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(page, 'assets', 'main-abc.js'), 'export {};');
  writeFileSync(join(fixture.root, 'secret.txt'), secret);
  symlinkSync(join(fixture.root, 'secret.txt'), join(page, 'link.txt'));
  writeFileSync(join(fixture.run, 'training-log.jsonl'), secret);
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  faults.length = 0;
});
afterAll(() => rmSync(fixture.root, { recursive: true }));

async function serve(more: Partial<ViewServerOptions> = {}): Promise<ViewServer> {
  const text = await findTextSource(await openRunHead(fixture.run, platform.files), fixture.encoder, platform);
  const server = await startViewServer({
    page,
    describe: () => describeSite(fixture.run, text, platform),
    host: '127.0.0.1',
    port: 0,
    machine: platform,
    onFault: (problem) => faults.push(problem),
    ...more,
  });
  servers.push(server);
  return server;
}

/** Sends bytes as they are: clients would tidy a path up. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setEncoding('latin1').on('data', (part) => (answer += part));
    socket.on('close', () => resolve(answer));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? resolve(answer) : reject(error),
    );
  });
}

const rawGet = (port: number, path: string, headers = '') =>
  raw(port, `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n${headers}\r\n`);
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

describe('what is served', () => {
  it('the page, the scene, photos; with types, isolation and a strict policy', async () => {
    const { url } = await serve();
    const index = await fetch(url);
    expect(await index.text()).toContain('<title>page');
    expect(index.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(index.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(index.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(index.headers.get('x-content-type-options')).toBe('nosniff');
    const policy = index.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval'(?!;)|https?:|\*/);
    const script = await fetch(`${url}assets/main-abc.js`);
    expect([script.status, script.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(script.headers.get('cache-control')).toContain('immutable');
    const manifest = await (await fetch(`${url}scene/manifest.json`)).json();
    for (const { path, size } of manifest.files) {
      const answer = await fetch(`${url}scene/${path}`);
      expect([path, answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([path, 200, size]);
    }
    const photo = await fetch(`${url}scene/photos/0-small.jpg`);
    expect([photo.status, photo.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const head = await fetch(`${url}scene/scene.safetensors`, { method: 'HEAD' });
    expect([head.status, (await head.arrayBuffer()).byteLength]).toEqual([200, 0]);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(1000);
    expect(faults).toEqual([]);
  });

  it('nothing else: not the rest of the run, not its photo files, no folder', async () => {
    const { url } = await serve();
    for (const path of ['training-log.jsonl', 'scene', 'scene/', 'scene/training-log.jsonl', 'scene/photos/1.jpg'])
      expect([path, (await fetch(url + path)).status]).toEqual([path, 404]);
    for (const path of ['assets', 'assets/', 'favicon.ico', 'link.txt', 'constructor', 'scene/__proto__'])
      expect([path, (await fetch(url + path)).status]).toEqual([path, 404]);
  });

  it('no path that climbs, however it is written', async () => {
    const { port } = await serve();
    const climbs = ['..', '%2e%2e', '%2e.', '..%2f..', '..%5c..', '....//', '%252e%252e', '..%00', '%c0%ae%c0%ae'];
    for (const climb of climbs)
      for (const path of [
        `/${climb}/secret.txt`,
        `/scene/${climb}/secret.txt`,
        `/assets/${climb}/${climb}/secret.txt`,
      ]) {
        const answer = await rawGet(port, path);
        expect([path, statusOf(answer)]).toEqual([path, 404]);
        expect(answer).not.toContain(secret);
      }
    for (const path of [
      `//${fixture.root}/secret.txt`,
      `file://${fixture.root}/secret.txt`,
      `${fixture.root}/secret.txt`,
    ]) {
      const answer = await rawGet(port, path);
      expect([400, 404]).toContain(statusOf(answer));
      expect(answer).not.toContain(secret);
    }
  });

  it('no link that leads out of the run or the page, even when it appears later', async () => {
    const { url } = await serve();
    const scene = join(fixture.run, 'canonical.npy');
    const before = await (await fetch(`${url}scene/canonical.npy`)).arrayBuffer();
    rmSync(scene);
    symlinkSync(join(fixture.root, 'secret.txt'), scene);
    const answer = await fetch(`${url}scene/canonical.npy`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain(secret);
    rmSync(scene);
    writeFileSync(scene, Buffer.from(before));
    rmSync(join(page, 'assets'), { recursive: true });
    mkdirSync(join(fixture.root, 'outside'), { recursive: true });
    writeFileSync(join(fixture.root, 'outside', 'main-abc.js'), secret);
    symlinkSync(join(fixture.root, 'outside'), join(page, 'assets'));
    expect((await fetch(`${url}assets/main-abc.js`)).status).toBe(404);
    rmSync(join(page, 'assets'));
    mkdirSync(join(page, 'assets'));
    writeFileSync(join(page, 'assets', 'main-abc.js'), 'export {};');
  });
});

describe('requests that are no good', () => {
  it('get a 4xx and leave the server standing', async () => {
    const { port, url } = await serve();
    const host = `Host: localhost:${port}\r\n`;
    const close = 'Connection: close\r\n';
    const bad: [string, number][] = [
      ['nonsense\r\n\r\n', 400],
      ['GET / HTTP/9.9\r\n\r\n', 400],
      [`GET / HTTP/1.1\r\n${close}\r\n`, 400],
      [`GET http://[ HTTP/1.1\r\n${host}${close}\r\n`, 400],
      [`POST / HTTP/1.1\r\n${host}${close}Content-Length: 0\r\n\r\n`, 405],
      [`DELETE /scene/config.json HTTP/1.1\r\n${host}${close}\r\n`, 405],
      [`GET / HTTP/1.1\r\n${host}${close}Content-Length: 3\r\n\r\nabc`, 413],
      [`GET / HTTP/1.1\r\n${host}${close}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 413],
      [`GET /${'a'.repeat(3000)} HTTP/1.1\r\n${host}${close}\r\n`, 414],
      [`GET / HTTP/1.1\r\n${host}${close}X: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
      [`GET / HTTP/1.1\r\n${host}${close}Bad Header\r\n\r\n`, 400],
      [`GET /%ff%fe HTTP/1.1\r\n${host}${close}\r\n`, 404],
      [`GET /\u0000 HTTP/1.1\r\n${host}${close}\r\n`, 400],
    ];
    for (const [text, status] of bad)
      expect([text.slice(0, 60), statusOf(await raw(port, text))]).toEqual([text.slice(0, 60), status]);
    expect((await fetch(url)).status).toBe(200);
    expect(faults).toEqual([]);
  });

  it('too many of them get a 429', async () => {
    const { port } = await serve();
    const answers = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const many = `HEAD / HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`.repeat(20);
        return raw(port, `${many}HEAD / HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`);
      }),
    );
    const statuses = answers.join('').match(/HTTP\/1\.1 \d+/g)!;
    expect(statuses).toContain('HTTP/1.1 429');
    expect(statuses).toContain('HTTP/1.1 200');
  });

  it('a scene that cannot be read is a 500 for the visitor and a line for the owner', async () => {
    let broken = false;
    const text = { cannotAsk: 'no encoder' };
    const describe = async () => {
      if (broken) throw new Error('the disk is gone');
      return describeSite(fixture.run, text, platform);
    };
    const { url } = await serve({ describe });
    broken = true;
    const answer = await fetch(`${url}scene/manifest.json`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('disk');
    expect(faults).toEqual(['the disk is gone']);
  });
});

describe('who may ask', () => {
  it('on loopback: only under a name of this machine, and no page of another site', async () => {
    const { port } = await serve();
    const get = async (headers: string) =>
      statusOf(await raw(port, `GET / HTTP/1.1\r\nConnection: close\r\n${headers}\r\n`));
    expect(await get('Host: evil.example\r\n')).toBe(403);
    expect(await get(`Host: evil.example:${port}\r\n`)).toBe(403);
    expect(await get(`Host: 127.0.0.1.evil.example:${port}\r\n`)).toBe(403);
    for (const name of ['localhost', '127.0.0.1', '[::1]']) expect(await get(`Host: ${name}:${port}\r\n`)).toBe(200);
    const host = `Host: localhost:${port}\r\n`;
    expect(await get(`${host}Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n`)).toBe(403);
    expect(await get(`${host}Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n`)).toBe(200);
    expect(await get(`${host}Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\n`)).toBe(200);
    expect(await get(`${host}Origin: http://evil.example\r\n`)).toBe(403);
    expect(await get(`${host}Origin: http://localhost:${port}\r\n`)).toBe(200);
  });

  it('with a token: the address once, then a cookie; anything else is refused', async () => {
    const token = 'abcdefgh-1234567';
    const { url, port } = await serve({ token });
    expect(url).toBe(`http://127.0.0.1:${port}/?token=${token}`);
    const base = `http://127.0.0.1:${port}/`;
    expect((await fetch(base)).status).toBe(401);
    expect((await fetch(`${base}scene/config.json`)).status).toBe(401);
    const welcome = await fetch(url, { redirect: 'manual' });
    expect([welcome.status, welcome.headers.get('location')]).toEqual([303, '/']);
    const cookie = welcome.headers.get('set-cookie')!;
    expect(cookie).toMatch(/HttpOnly.*SameSite=Strict/);
    const headers = { cookie: cookie.split(';')[0] };
    expect((await fetch(base, { headers })).status).toBe(200);
    expect((await fetch(`${base}scene/config.json`, { headers })).status).toBe(200);
    expect((await fetch(base, { headers: { cookie: `${headers.cookie}x` } })).status).toBe(401);
  });

  it('slows down whoever guesses tokens', async () => {
    const { port } = await serve({ token: 'abcdefgh-1234567' });
    const statuses = [];
    for (let guess = 0; guess < 12; guess++)
      statuses.push(statusOf(await rawGet(port, `/?token=guess-number-${guess}`)));
    expect(statuses.slice(0, 8)).toEqual(new Array(8).fill(401));
    expect(statuses.slice(8)).toEqual(new Array(4).fill(429));
    expect(statusOf(await rawGet(port, '/?token=abcdefgh-1234567'))).toBe(429);
  });

  it('needs a good token for any address but loopback, and says when it cannot listen', async () => {
    await expect(serve({ host: '0.0.0.0' })).rejects.toThrow(/needs a token/);
    const everywhere = await serve({ host: '0.0.0.0', token: 'abcdefgh-1234567' });
    expect(everywhere.url).toBe(`http://${hostname()}:${everywhere.port}/?token=abcdefgh-1234567`);
    await expect(serve({ token: 'short' })).rejects.toThrow(/--token.*5 characters.*16 to 128/);
    const { port } = await serve();
    await expect(serve({ port })).rejects.toThrow(/cannot listen.*EADDRINUSE.*--port/);
    await expect(serve({ host: '192.0.2.1', token: 'abcdefgh-1234567' })).rejects.toThrow(/EADDRNOTAVAIL.*--host/);
    await expect(serve({ page: join(fixture.root, 'nowhere') })).rejects.toThrow(/not built.*npm run build/);
  });
});
