/**
 * Downloads against a server on 127.0.0.1 that does everything a network does on a bad day. The gate: the file in its
 * place is byte for byte the one on the server, or there is none and one line says why. (One file, because all cases
 * share that server.)
 */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  answers,
  type Behaviour,
  etagOf,
  honest,
  type LocalHub,
  startLocalHub,
  stopsAt,
} from '../../test/local-hub.ts';
import { LangfieldError } from '../errors.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { silentProgress } from '../platform/platform.ts';
import { type Download, type DownloadOptions, downloadFile } from './download.ts';

const { files } = nodePlatform();
const root = mkdtempSync(join(tmpdir(), 'langfield-download-'));
const size = 300_000;
const path = '/owner/name/resolve/main/weights.safetensors';
const noise = (seed: number) => Uint8Array.from({ length: size }, (_, i) => (i * 7919 + (i >> 8) * seed) % 256);
const [content, other] = [noise(31), noise(57)];
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let hub: LocalHub;
let target: string;
let waits: number[];
let warnings: string[];
let count = 0;

beforeAll(async () => {
  hub = await startLocalHub();
});
beforeEach(() => {
  hub.files.set(path, content);
  target = join(root, String(count++), 'weights.safetensors');
  [waits, warnings] = [[], []];
});
afterEach(() => {
  Object.assign(hub, { next: [], always: undefined });
  hub.seen.length = 0;
});
afterAll(async () => {
  await hub.close();
  rmSync(root, { recursive: true });
});

function get(known: Partial<Download> = {}, options: Partial<DownloadOptions> = {}) {
  return downloadFile(
    { url: hub.base + path, target, ...known },
    {
      ...{ fetch, files, stallMs: 60_000, attempts: 3, flushBytes: 1 },
      progress: { ...silentProgress, warn: (line) => void warnings.push(line) },
      wait: async (ms) => void waits.push(ms),
      ...options,
    },
  );
}

async function faultOf(work: Promise<unknown>): Promise<LangfieldError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LangfieldError);
  expect((error as LangfieldError).message).not.toContain('\n');
  return error as LangfieldError;
}

/** The finished file, alone in its folder. */
function finished(): Buffer {
  expect(readdirSync(join(target, '..'))).toEqual(['weights.safetensors']);
  return readFileSync(target);
}

const held = (): number => (existsSync(`${target}.part`) ? statSync(`${target}.part`).size : 0);
/** Breaks the connection once the first `end` bytes are on the disk. */
const breaksAt = (end: number, headers?: Record<string, string>) => stopsAt(end, () => held() >= end, headers);

const nothingLeft = () => !existsSync(join(target, '..')) || readdirSync(join(target, '..')).length === 0;

describe('a download', () => {
  it('brings the file, and its hash is what came', async () => {
    expect(await get()).toEqual({ bytes: size, sha256: hashOf(content), trust: 'first download' });
    expect(finished().equals(content)).toBe(true);
    expect(hub.seen).toHaveLength(1);
  });

  it('brings an empty file too', async () => {
    hub.files.set(path, new Uint8Array(0));
    expect(await get()).toMatchObject({ bytes: 0 });
    expect(finished()).toHaveLength(0);
  });

  it('goes on where the connection broke, twice', async () => {
    hub.next = [breaksAt(120_000), breaksAt(200_000)];
    await get();
    expect(finished().equals(content)).toBe(true);
    expect(hub.seen.map(({ range }) => range)).toEqual([undefined, 'bytes=120000-', 'bytes=200000-']);
    expect(hub.seen[1].ifRange).toBe(etagOf(content));
    expect(warnings[0]).toMatch(/connection failed/);
  });

  it('goes on where it stalled, and when not even an answer comes', async () => {
    hub.next = [stopsAt(120_000), () => {}];
    await get({}, { stallMs: 500 });
    expect(finished().equals(content)).toBe(true);
    expect(hub.seen.map(({ range }) => range)).toEqual([undefined, 'bytes=120000-', 'bytes=120000-']);
    expect(warnings[0]).toMatch(/nothing came/);
  });

  it('gives up when nothing comes at all, waits longer each time, and keeps what it has', async () => {
    hub.next = [breaksAt(5000)];
    hub.always = () => {};
    const fault = await faultOf(get({}, { stallMs: 300 }));
    expect(fault.message).toMatch(/did not get through: nothing came for .*found 5\.0 kB; expected 300\.0 kB/);
    expect(waits).toEqual([1000, 2000]);
    expect(statSync(`${target}.part`).size).toBe(5000);
    hub.always = undefined;
    await get();
    expect(hub.seen.at(-1)).toMatchObject({ range: 'bytes=5000-' });
    expect(finished().equals(content)).toBe(true);
  });

  it('says what is the matter when there is no server', async () => {
    const fault = await faultOf(get({ url: 'http://127.0.0.1:9/file' }));
    expect(fault.message).toMatch(/^http:\/\/127\.0\.0\.1:9\/file: the download did not get through/);
    expect(fault.fault.advice).toContain('--from');
  });
});

describe('a server that lies', () => {
  it('about the length: promising more than there is', async () => {
    hub.always = (_, response, file) => {
      response.writeHead(200, { 'content-length': size + 100 });
      response.write(file!);
      setTimeout(() => response.destroy(), 50);
    };
    const fault = await faultOf(get());
    expect(fault.message).toMatch(/did not get through/);
    expect(existsSync(target)).toBe(false);
  });

  const short: Behaviour = (_, response, file) => {
    response.writeHead(200, { 'content-length': size - 100 }).end(file!.subarray(0, size - 100));
  };

  it('about the length: fewer bytes than are known, before any is fetched', async () => {
    hub.always = short;
    const fault = await faultOf(get({ bytes: size }));
    expect(fault.fault).toMatchObject({ found: '299900 bytes', expected: '300000 bytes' });
    expect(existsSync(target)).toBe(false);
  });

  it('about the length: fewer bytes, found by the hash', async () => {
    hub.always = short;
    expect((await faultOf(get({ sha256: hashOf(content) }))).message).toMatch(/not the one that was asked for/);
    expect(nothingLeft()).toBe(true);
  });

  it('about the length: more bytes than it promised', async () => {
    hub.always = (request) => {
      const head = `HTTP/1.1 200 OK\r\nContent-Length: ${size - 100}\r\nConnection: close\r\n\r\n`;
      request.socket.end(Buffer.concat([Buffer.from(head), content]));
    };
    await faultOf(get({ sha256: hashOf(content) }));
    expect(existsSync(target)).toBe(false);
  });

  it('about its own announcement', async () => {
    hub.always = (_, response, file) =>
      response.writeHead(200, { 'x-linked-size': size + 1, 'content-length': size }).end(file);
    expect((await faultOf(get())).message).toMatch(/offers 300000 bytes of a file of 300001/);
  });

  it.each([
    ['known here', { sha256: hashOf(other) }, {}],
    ['announced by the hub', {}, { 'x-linked-etag': `"${hashOf(other)}"` }],
  ])('about the content: the hash is %s', async (what, known, headers) => {
    hub.always = (_, response, file) => response.writeHead(200, headers).end(file);
    const { fault } = await faultOf(get(known));
    expect(fault.found).toBe(`SHA-256 ${hashOf(content)}`);
    expect(fault.expected).toContain(hashOf(other));
    expect(fault.expected).toContain(what);
    expect(nothingLeft()).toBe(true);
    expect(hub.seen).toHaveLength(1);
  });

  it('about the content: the right hash is noted for what it is', async () => {
    expect(await get({ sha256: hashOf(content), bytes: size })).toMatchObject({ trust: 'catalogue' });
    hub.next = [(_, response, file) => response.writeHead(200, { 'x-linked-etag': `"${hashOf(content)}"` }).end(file)];
    expect(await get()).toMatchObject({ trust: 'hub' });
  });
});

describe('resuming', () => {
  it('begins again at a server without ranges', async () => {
    hub.next = [breaksAt(120_000)];
    hub.always = (_, response, file) => response.writeHead(200, { 'content-length': size }).end(file);
    await get();
    expect(hub.seen[1].range).toBe('bytes=120000-');
    expect(finished().equals(content)).toBe(true);
  });

  it('takes another file from its beginning when the ETag changed', async () => {
    hub.next = [breaksAt(120_000)];
    const pending = get({}, { wait: async () => void hub.files.set(path, other) });
    await pending;
    expect(hub.seen).toHaveLength(2);
    expect(finished().equals(other)).toBe(true);
  });

  it('does not splice when the server takes no notice of If-Range', async () => {
    hub.next = [
      breaksAt(120_000),
      (request, response, file) => {
        delete request.headers['if-range'];
        honest(request, response, file);
      },
    ];
    await get({}, { wait: async () => void hub.files.set(path, other) });
    expect(hub.seen.map(({ range }) => range)).toEqual([undefined, 'bytes=120000-', undefined]);
    expect(finished().equals(other)).toBe(true);
  });

  it('does not splice when nothing tells the files apart but the hash', async () => {
    const anonymous: Behaviour = (request, response, file) => {
      const start = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
      const headers = { 'content-range': `bytes ${start}-${size - 1}/${size}` };
      response.writeHead(start > 0 ? 206 : 200, start > 0 ? headers : {}).end(file!.subarray(start));
    };
    hub.next = [breaksAt(120_000, { etag: 'W/"weak"' })];
    hub.always = anonymous;
    await get({ sha256: hashOf(other) }, { wait: async () => void hub.files.set(path, other) });
    expect(hub.seen.map(({ range }) => range)).toEqual([undefined, 'bytes=120000-', undefined]);
    expect(finished().equals(other)).toBe(true);
  });

  it('does not resume what nothing can vouch for, or what came from elsewhere', async () => {
    hub.next = [breaksAt(120_000, { etag: 'W/"weak"' })];
    await faultOf(get({}, { attempts: 1 }));
    await get();
    expect(hub.seen[1].range).toBeUndefined();
    hub.next = [breaksAt(120_000)];
    await faultOf(get({}, { attempts: 1 }));
    await get({ url: `${hub.base}${path}?mirror` });
    expect(hub.seen.at(-1)!.range).toBeUndefined();
    expect(finished().equals(content)).toBe(true);
  });

  it('begins again when there is more here than on the server, or another part comes', async () => {
    hub.next = [breaksAt(120_000)];
    await faultOf(get({}, { attempts: 1 }));
    appendFileSync(`${target}.part`, new Uint8Array(size));
    await get();
    expect(finished().equals(content)).toBe(true);
    rmSync(target);
    const shifted = { etag: etagOf(content), 'content-range': `bytes 7-${size - 1}/${size}` };
    hub.next = [breaksAt(120_000), (_, response, file) => response.writeHead(206, shifted).end(file!.subarray(7))];
    await get();
    expect(finished().equals(content)).toBe(true);
  });

  it('uses a file that came in full before the command was killed', async () => {
    hub.next = [breaksAt(120_000)];
    await faultOf(get({}, { attempts: 1 }));
    writeFileSync(`${target}.part`, content);
    hub.seen.length = 0;
    expect(await get()).toMatchObject({ sha256: hashOf(content) });
    expect(hub.seen).toEqual([]);
  });

  it('stops when another program writes the same file', async () => {
    hub.next = [
      (_, response, file) => {
        response.writeHead(200, { etag: etagOf(file!), 'content-length': size });
        response.write(file!.subarray(0, 100_000), () => {
          setTimeout(() => {
            appendFileSync(`${target}.part`, 'x');
            response.end(file!.subarray(100_000));
          }, 50);
        });
      },
    ];
    expect((await faultOf(get())).message).toMatch(/another program is writing/);
  });
});

describe('answers of a server', () => {
  it('follows redirects to other paths and hosts, with the range, and hears what the hub announced', async () => {
    const cdn = await startLocalHub();
    try {
      cdn.files.set('/blob', content);
      cdn.next = [breaksAt(120_000)];
      const announced = {
        'x-linked-etag': `"${hashOf(content)}"`,
        'x-linked-size': String(size),
        'x-repo-commit': 'abc',
      };
      hub.always = (request, response) =>
        void (request.url!.includes('moved')
          ? response.writeHead(302, { location: `${cdn.base}/blob`, ...announced }).end()
          : response.writeHead(307, { location: '../moved' }).end());
      expect(await get()).toEqual({ bytes: size, sha256: hashOf(content), trust: 'hub', commit: 'abc' });
      expect(cdn.seen.map(({ range }) => range)).toEqual([undefined, 'bytes=120000-']);
      expect(finished().equals(content)).toBe(true);
    } finally {
      await cdn.close();
    }
  });

  it('does not go round for ever, nor to an address that is no web address', async () => {
    hub.always = answers(302, { location: path });
    expect((await faultOf(get())).message).toMatch(/without end/);
    hub.always = answers(302, { location: 'file:///etc/hosts' });
    expect((await faultOf(get())).message).toMatch(/not followed.*file:/);
  });

  it('404 is "not there"; 401 is an error at once', async () => {
    hub.files.delete(path);
    expect(await get()).toBeUndefined();
    hub.always = answers(401);
    expect((await faultOf(get())).message).toMatch(/found HTTP 401 Unauthorized/);
    expect(waits).toEqual([]);
    expect(nothingLeft()).toBe(true);
  });

  it.each([503, 429, 500])('%d is tried again, after the time the server wishes', async (status) => {
    hub.next = [answers(status, { 'retry-after': '7' }), answers(status)];
    await get();
    expect(waits).toEqual([7000, 2000]);
    expect(finished().equals(content)).toBe(true);
  });

  it('a compressed answer is unpacked, and its length not believed', async () => {
    const packed = gzipSync(content);
    hub.always = (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed);
    await get();
    expect(finished().equals(content)).toBe(true);
  });

  it('a browser, which hides redirects, follows by itself', async () => {
    hub.always = (request, response, file) =>
      request.url === path
        ? response.writeHead(302, { location: '/elsewhere' }).end()
        : honest(request, response, file);
    hub.files.set('/elsewhere', content);
    const browser: typeof fetch = async (url, init) => {
      if (init?.redirect !== 'manual') return fetch(url, init);
      const hidden = Response.error();
      Object.defineProperty(hidden, 'type', { value: 'opaqueredirect' });
      return hidden;
    };
    await get({}, { fetch: browser as DownloadOptions['fetch'] });
    expect(finished().equals(content)).toBe(true);
  });
});
