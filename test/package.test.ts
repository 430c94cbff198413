/**
 * langfield as npm delivers it: packed, installed into an empty folder, used there as a command on the oldest Node at hand,
 * as a library in Node and in a page that Vite built, and with the types that a consumer's compiler sees.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launchBrowser } from './browser.ts';
import { checkout, type Finished, installPackage, type Packed, packPackage, run } from './package/install-package.ts';
import { serveFolder } from './static-server.ts';

/** Milliseconds that a step may take on a machine with much other work. */
const patience = 30 * 60_000;
const folder = mkdtempSync(join(tmpdir(), 'langfield-package-'));
const consumer = join(folder, 'consumer');
const launcher = join(consumer, 'node_modules/langfield/bin/langfield.mjs');
let packed: Packed;

/** The system's Node where there is one besides that of this process; 20.18 is the oldest that the package promises. */
function oldestNode(): string {
  const places = (process.env.PATH ?? '').split(delimiter).map((place) => join(place, 'node'));
  const versionOf = (node: string) =>
    execFileSync(node, ['--version'], { encoding: 'utf8' }).slice(1).split('.').map(Number);
  const found = [...new Set([process.execPath, ...places])]
    .filter((node) => existsSync(node))
    .map((node) => ({ node, version: versionOf(node) }))
    .filter(({ version: [major, minor] }) => major > 20 || (major === 20 && minor >= 18))
    .sort((a, b) => a.version[0] - b.version[0] || a.version[1] - b.version[1]);
  return found[0].node;
}

const node = oldestNode();

async function langfield(...args: string[]): Promise<Finished> {
  const finished = await run(node, [launcher, ...args], consumer);
  expect(finished.code, finished.err).toBe(0);
  return finished;
}

beforeAll(async () => {
  mkdirSync(consumer);
  packed = await packPackage(folder);
  const manifest = JSON.parse(readFileSync(join(folder, 'package/package.json'), 'utf8'));
  await installPackage(packed.tarball, manifest, consumer);
}, patience);
afterAll(() => rmSync(folder, { recursive: true }));

describe('the package', () => {
  it('holds what runs and nothing that was needed to make it', () => {
    const odd = packed.files.filter((path) => /\.(test|fixture|as)\.|\.py$|\.png$|\.xz$|(?<!\.d)\.tsx?$/.test(path));
    expect(odd).toEqual([]);
    for (const path of ['README.md', 'LICENSE', 'build/kernels-simd.wasm', 'build/viewer/index.html', 'src/index.d.ts'])
      expect(packed.files).toContain(path);
    expect(packed.size).toBeLessThan(12e6);
  });

  it('has no scripts of its own, for no one to run at installation', () => {
    const installed = JSON.parse(readFileSync(join(consumer, 'node_modules/langfield/package.json'), 'utf8'));
    expect(installed).not.toHaveProperty('scripts');
    expect(installed).not.toHaveProperty('devDependencies');
    expect(installed).not.toHaveProperty('private');
  });
});

describe(`the installed command, with Node from ${node}`, () => {
  it('is linked where npx finds it, and tells its version', async () => {
    expect(readdirSync(join(consumer, 'node_modules/.bin'))).toContain('langfield');
    const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));
    expect(await langfield('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it(
    'makes a scene, trains, answers',
    async () => {
      const small = ['--views', '4', '--novel-views', '1', '--size', '64x48', '--samples', '1'];
      await langfield('scene', 'donuts', '--out', 'capture', ...small);
      const steps = ['--steps', '24', '--language-steps', '16', '--rays', '64', '--tiles', 'coarse'];
      const cpu = ['--device', 'cpu', '--threads', '1'];
      const { err } = await langfield('train', 'capture', '--out', 'run', '--encoder', 'builtin', ...cpu, ...steps);
      expect(err).not.toMatch(/defect|unrecognized/);
      const { out } = await langfield('query', 'run', 'donut', '--device', 'cpu', '--size', '32x24', '--json');
      const answers = JSON.parse(out.trimEnd().split('\n').pop()!);
      expect(answers.entries).toMatchObject([{ phrase: 'donut', view: 'novel-00' }]);
      expect(existsSync(join(consumer, answers.sheet))).toBe(true);
    },
    patience,
  );

  it(
    'shows the run in the browser',
    async () => {
      const server = spawn(node, [launcher, 'view', 'run', '--port', '0'], {
        cwd: consumer,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const [line] = await Promise.race([once(createInterface(server.stdout), 'line'), once(server, 'exit')]);
      const url = /http:\S+/.exec(String(line))?.[0] ?? 'no-address';
      const page = await (await fetch(url)).text();
      const script = /src="\.?\/?(assets\/index-[^"]+\.js)"/.exec(page)?.[1];
      const { status, headers } = await fetch(new URL(script ?? 'no-script', url));
      server.kill('SIGTERM');
      const [code] = await once(server, 'exit');
      expect([status, headers.get('content-type'), code]).toEqual([200, expect.stringContaining('javascript'), 0]);
    },
    patience,
  );
});

describe('the installed library', () => {
  const compiled = ['picture', 'program', 'page'];
  let rgb: number[];

  beforeAll(async () => {
    for (const name of [...compiled.map((name) => `${name}.ts`), 'index.html', 'tsconfig.json'])
      copyFileSync(join(checkout, 'test/package', name), join(consumer, name));
  });

  it(
    'has declarations that a strict compiler takes, for every entry',
    async () => {
      const compiler = join(checkout, 'node_modules/typescript/bin/tsc');
      expect(await run(process.execPath, [compiler, '-p', consumer], consumer)).toEqual({ code: 0, out: '', err: '' });
      for (const name of compiled) expect(existsSync(join(consumer, `${name}.js`))).toBe(true);
    },
    patience,
  );

  it(
    'opens a run, encodes and renders in Node',
    async () => {
      const { code, out, err } = await run(node, ['program.js'], consumer);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      const told = JSON.parse(out);
      expect(told).toMatchObject({ fields: 1, mistake: expect.stringContaining('absent') });
      expect(told.dim).toBeGreaterThan(0);
      rgb = told.rgb;
      expect(rgb).toHaveLength(12);
      expect(Math.max(...rgb)).toBeGreaterThan(0.01);
    },
    patience,
  );

  it(
    'is bundled by Vite, and renders the same in Chromium',
    async ({ skip }) => {
      await build({ root: consumer, configFile: false, logLevel: 'error', build: { reportCompressedSize: false } });
      const dist = join(consumer, 'dist');
      expect(readdirSync(join(dist, 'assets')).filter((name) => /^engine-worker-.*\.js$/.test(name))).toHaveLength(1);
      if (chromiumPath === undefined) skip();
      const server = await serveFolder(dist);
      const browser = await launchBrowser();
      try {
        const page = await browser.newPage();
        await page.goto(server.url);
        await page.waitForFunction('globalThis.rgb !== undefined', undefined, { timeout: patience });
        const rendered = (await page.evaluate('globalThis.rgb')) as number[];
        expect(rendered).toEqual(rgb.map((value) => expect.closeTo(value, 4)));
      } finally {
        await browser.close();
        server.close();
      }
    },
    patience,
  );
});
