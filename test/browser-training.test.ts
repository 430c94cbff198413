/**
 * A training in a tab of headless Chromium: the bytes that Node makes where the CPU engine trains, its losses where WebGPU
 * does (SwiftShader), and a tab that is reloaded in the middle goes on from its checkpoint. Capture and run are files
 * that the browser keeps.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCapture } from '../src/capture/open-capture.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import { sha256OfFile, silentProgress } from '../src/platform/platform.ts';
import type { LogEntry } from '../src/training/loss-window.ts';
import { trainNewRun } from '../src/training/train-capture.ts';
import { chromiumPath, launchBrowser, softwareGpu } from './browser.ts';
import type { TrainingPage } from './browser/train-page.ts';
import { langfield } from './langfield-process.ts';
import { serveSources } from './page-server.ts';

/** Milliseconds: processors compile shaders for minutes where other work shares them. */
const patience = 20 * 60_000;
const platform = nodePlatform();
const folder = mkdtempSync(join(tmpdir(), 'langfield-tab-'));
const capture = join(folder, 'capture');
const given = { steps: 10, rays: 48, threads: 1, saveSteps: 3, logSteps: 1, seed: 4 };
const languageGiven = { ...given, languageSteps: 8, prior: ['panoptic' as const] };
let server: Awaited<ReturnType<typeof serveSources>>;
let browser: Browser;
let page: Page;

/** Calls a function of the page's. */
async function call<K extends keyof TrainingPage>(
  name: K,
  ...args: Parameters<TrainingPage[K]>
): Promise<Awaited<ReturnType<TrainingPage[K]>>> {
  return page.evaluate(
    ([method, values]) =>
      (globalThis as unknown as { training: Record<string, (...all: unknown[]) => unknown> }).training[
        method as string
      ](...(values as unknown[])),
    [name, args] as const,
  ) as Promise<Awaited<ReturnType<TrainingPage[K]>>>;
}

async function open(): Promise<void> {
  await page.waitForFunction('globalThis.training !== undefined', undefined, { timeout: patience });
}

const logOf = (text: string): LogEntry[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe.skipIf(chromiumPath === undefined)('training in a tab', () => {
  let hash: string;
  let log: LogEntry[];
  let languageLog: LogEntry[];

  beforeAll(async () => {
    const small = ['--views', '5', '--novel-views', '1', '--size', '48x36', '--samples', '1'];
    const made = await langfield('scene', 'donuts', '--out', capture, ...small);
    expect(made.code, made.err).toBe(0);
    const run = join(folder, 'run');
    await trainNewRun({
      platform,
      progress: silentProgress,
      engine: 'wasm',
      folder: run,
      given,
      capture: await openCapture(capture, platform.files, platform.images),
      absolutePath: (path) => path,
      stopRequested: () => false,
    });
    hash = await sha256OfFile(join(run, 'scene.safetensors'), platform.files);
    log = logOf(readFileSync(join(run, 'training-log.jsonl'), 'utf8'));

    const languageRun = join(folder, 'language-run');
    const flags = ['--steps', '10', '--language-steps', '8', '--rays', '48', '--threads', '1', '--seed', '4'];
    const more = ['--log-steps', '1', '--prior', 'panoptic', '--tiles', 'coarse', '--encoder', 'builtin'];
    const folders = ['--out', languageRun, '--cache', join(folder, 'cache'), '--device', 'cpu'];
    const trained = await langfield('train', capture, ...flags, ...more, ...folders);
    expect(trained.code, trained.err).toBe(0);
    languageLog = logOf(readFileSync(join(languageRun, 'training-log.jsonl'), 'utf8'));

    server = await serveSources(join(folder, 'vite'));
    browser = await launchBrowser(softwareGpu);
    page = await browser.newPage();
    await page.goto(`${server.url}train.html`);
    await open();
    for (const name of ['transforms.json', ...readdirSync(join(capture, 'images')).map((image) => `images/${image}`)])
      await call('put', `capture/${name}`, readFileSync(join(capture, name)).toString('base64'));
  }, patience);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true });
  });

  it('keeps files as every machine does, and says which one is wrong', async () => {
    expect(await call('exercise')).toEqual({
      text: 'second, third',
      range: 'third',
      atOnce: [127, 128, 200, 255, 10, 13],
      listed: [['b', 'new.txt'], ['c.txt']],
      stats: [[0, true], undefined, undefined],
      after: ['empty', 'moved.txt', 'new.txt'],
      failures: [
        expect.stringMatching(/^a\/none: cannot read: no such file/),
        expect.stringMatching(/^a\/moved\.txt: the file is shorter .*found 13 bytes; expected at least 508 bytes/),
        expect.stringMatching(/^none: cannot list: no such file or folder/),
        expect.stringMatching(/^a\/bytes: a file of the browser can be read without waiting only after/),
        expect.stringMatching(/^a\/moved\.txt\/below: cannot write: a file is where a folder should be/),
      ],
      gone: undefined,
    });
  });

  it('reads the header of a photo, its EXIF orientation included', async () => {
    const raw = { width: 6, height: 4, channels: 3 } as const;
    const pixels = Uint8Array.from({ length: 72 }, (_, i) => (i * 53) % 256);
    const stored = sharp(pixels, { raw }).resize(60, 40, { kernel: 'nearest' });
    const photo = await stored.jpeg({ quality: 95 }).withMetadata({ orientation: 6 }).toBuffer();
    await call('put', 'photo', photo.toString('base64'));
    expect(await call('probe', 'photo')).toEqual({
      ...{ width: 60, height: 40, orientation: 6, format: 'jpeg', upright: [40, 60] },
      refused: expect.stringMatching(/photo: the image is turned .*orientation 6/),
    });
  });

  it(
    'makes the bytes that Node makes, also when the tab is reloaded after a stop',
    async () => {
      expect(await call('isolated')).toBe(true);
      const request = { folder: 'runs/cpu', engine: 'wasm', given } as const;
      expect(await call('train', { ...request, stopAfter: 7 })).toBe('stopped');
      await page.reload();
      await open();
      expect(await call('resume', request)).toBe('finished');
      expect(await call('hash', 'runs/cpu/scene.safetensors')).toBe(hash);
      expect(logOf(await call('text', 'runs/cpu/training-log.jsonl')).map(({ step }) => step)).toEqual(
        log.map(({ step }) => step),
      );
    },
    patience,
  );

  it(
    'trains a language field on embeddings that it made itself, and goes on with it after a reload',
    async () => {
      const request = { folder: 'runs/language', engine: 'wasm', language: true, given: languageGiven } as const;
      expect(await call('train', { ...request, stopAfter: given.steps + 5 })).toBe('stopped');
      await page.reload();
      await open();
      expect(await call('resume', request)).toBe('finished');
      const found = logOf(await call('text', 'runs/language/training-log.jsonl'));
      expect(found.map(({ stage, step }) => [stage, step])).toEqual(
        languageLog.map(({ stage, step }) => [stage, step]),
      );
      for (const [index, { clip, dino }] of found.entries()) {
        if (clip === undefined) continue;
        // The two runtimes of the encoder agree to four digits.
        expect(clip[0] / languageLog[index].clip![0]).toBeCloseTo(1, 2);
        expect(dino![0] / languageLog[index].dino![0]).toBeCloseTo(1, 2);
      }
    },
    patience,
  );

  it(
    'learns on WebGPU what the CPU does, and goes on from its checkpoint when the tab is reloaded in the middle',
    async ({ skip }) => {
      const adapter = await page.evaluate(async () => (await navigator.gpu?.requestAdapter()) != null);
      if (!adapter) {
        if (process.env.LANGFIELD_REQUIRE_GPU) throw new Error('this Chromium offers no WebGPU adapter');
        console.warn('skipped: training in a tab on WebGPU (this Chromium offers no adapter)');
        skip();
      }
      const request = { folder: 'runs/gpu', engine: 'webgpu', given } as const;
      // Nobody waits for what the tab was doing when it was closed.
      call('train', request).catch(() => {});
      await expect
        .poll(() => call('list', 'runs/gpu'), { timeout: patience, interval: 200 })
        .toContain('checkpoint.safetensors');
      await page.reload();
      await open();
      expect(await call('resume', request)).toBe('finished');
      const found = logOf(await call('text', 'runs/gpu/training-log.jsonl'));
      expect(found.map(({ step }) => step)).toEqual(log.map(({ step }) => step));
      for (const [index, { rgb }] of found.entries()) expect(rgb! / log[index].rgb!).toBeCloseTo(1, 2);
    },
    patience,
  );
});
