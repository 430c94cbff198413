/**
 * Encoder folders in headless Chromium, through onnxruntime-web: the vectors of onnxruntime-node within 1e-4, on
 * WebAssembly with threads, and on WebGPU (SwiftShader) where the browser offers an adapter.
 */
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadNodeRuntime } from '../src/encoders/node-runtime.ts';
import { openEncoder } from '../src/encoders/onnx-encoder.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import { chromiumPath, launchBrowser } from './browser.ts';
import { type EncodeRequest, type EncodeResult, patternOf } from './browser/encode-page.ts';
import { serveSources } from './page-server.ts';
import { largestDifference } from './recorded-vits.ts';

const platform = nodePlatform();
const request = {
  folder: 'models/household',
  files: readdirSync(platform.packagePath('models/household')).filter((name) =>
    /\.onnx$|^(encoder|tokenizer)/.test(name),
  ),
  side: 50,
  texts: ['red mug', 'something to pour from', 'teapot spout'],
};

/** A machine without a GPU computes WebGPU on the processor. */
const gpuFlags = ['--enable-unsafe-webgpu', '--enable-unsafe-swiftshader', '--use-webgpu-adapter=swiftshader'];

describe.skipIf(chromiumPath === undefined)('the encoder in the box, in Chromium', () => {
  let cacheDir: string;
  let server: Awaited<ReturnType<typeof serveSources>>;
  let browser: Browser;
  let page: Page;
  let expected: Omit<EncodeResult, 'device' | 'isolated'>;

  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'langfield-vite-'));
    server = await serveSources(cacheDir);
    browser = await launchBrowser(gpuFlags);
    page = await browser.newPage();
    await page.goto(`${server.url}encode.html`);
    await page.waitForFunction('typeof encode === "function"');
    expected = await vectorsInNode();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(cacheDir, { recursive: true });
  });

  const encodeInPage = (device: EncodeRequest['device']) =>
    page.evaluate(
      (asked) => (globalThis as unknown as { encode(asked: EncodeRequest): Promise<EncodeResult> }).encode(asked),
      { ...request, device },
    );

  function expectSame(found: EncodeResult): void {
    expect(found.identity).toBe(expected.identity);
    for (const part of ['images', 'texts', 'dense'] as const) {
      expect(found[part].length, part).toBe(expected[part].length);
      expect(largestDifference(found[part], expected[part]), part).toBeLessThan(1e-4);
    }
  }

  it('gives the same vectors on WebAssembly, with threads', async () => {
    const found = await encodeInPage('wasm');
    expect([found.device, found.isolated]).toEqual(['wasm', true]);
    expectSame(found);
  });

  it('gives the same vectors on WebGPU, if there is an adapter', async ({ skip }) => {
    const hasAdapter = await page.evaluate(
      async () =>
        ((await (navigator as { gpu?: { requestAdapter(): Promise<unknown> } }).gpu?.requestAdapter()) ?? null) !==
        null,
    );
    if (!hasAdapter) {
      console.warn('skipped: encoders on WebGPU (this Chromium offers no adapter)');
      skip();
    }
    const found = await encodeInPage('auto');
    expect(found.device).toBe('webgpu');
    expectSame(found);
    // Shaders that a processor compiles and runs take their time.
  }, 300_000);
});

async function vectorsInNode(): Promise<Omit<EncodeResult, 'device' | 'isolated'>> {
  const folder = platform.packagePath(request.folder);
  const encoder = await openEncoder(folder, platform.files, await loadNodeRuntime(), { threads: 1 });
  const { side, texts } = request;
  const images = await encoder.encodeImages({ count: 3, side, data: patternOf(3 * 3 * side * side) });
  const phrases = await encoder.encodeTexts(texts);
  const dense = await encoder.dense!.encodePhoto({ width: 90, height: 60, rgb: patternOf(3 * 90 * 60) });
  await encoder.close();
  return { identity: encoder.identity, images: [...images], texts: [...phrases], dense: [...dense.features] };
}
