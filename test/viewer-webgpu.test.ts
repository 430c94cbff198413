/**
 * The viewer on WebGPU, in Chromium with its software GPU (SwiftShader), from a static export: pictures and relevancy are
 * those of WebAssembly – colours within 2 of 255 in 99 % of the numbers, relevancy within 2e-3 –, a lost GPU is opened
 * anew once, and one that answers wrongly is not used. The scene is small and untrained, with grids as lively as
 * trained ones; what it shows is noise, the same for both engines.
 */
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page, Worker } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pageFolder } from '../src/cli/page-folder.ts';
import { livelyParameters, testScene } from '../src/engines/parity-scene.fixture.ts';
import { openRunHead } from '../src/field/run-folder.ts';
import { decodeNpy } from '../src/formats/npy.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import { silentProgress } from '../src/platform/platform.ts';
import { exportSite } from '../src/viewer/export-site.ts';
import { listPage } from '../src/viewer/server/page-files.ts';
import { describeSite, findTextSource } from '../src/viewer/site.ts';
import { chromiumPath, launchBrowser, softwareGpu } from './browser.ts';
import { largestDifference } from './numbers.ts';
import { type RunFixture, writeRunFixture } from './run-folder-fixture.ts';
import { serveFolder } from './static-server.ts';

const minutes = 60_000;
/** Software compiles kernels for half a minute on a machine to itself. */
const patience = 8 * minutes;
const platform = nodePlatform();
let fixture: RunFixture;
let host: Awaited<ReturnType<typeof serveFolder>>;
let browser: Browser;
const open: BrowserContext[] = [];

beforeAll(async () => {
  if (chromiumPath === undefined) return;
  fixture = await writeRunFixture(platform, {
    scene(dim) {
      const { radiance, languages } = testScene();
      return { cameras: 2, radiance, languages: [{ ...languages[0], clipDim: dim, dinoDim: 0 }] };
    },
    parameters: livelyParameters,
  });
  const text = await findTextSource(await openRunHead(fixture.run, platform.files), fixture.encoder, platform);
  const site = await describeSite(fixture.run, text, platform);
  const page = { folder: pageFolder(platform), files: await listPage(pageFolder(platform)) };
  const folder = join(fixture.root, 'web');
  await exportSite(site, page, folder, platform, silentProgress);
  host = await serveFolder(folder);
  browser = await launchBrowser(softwareGpu);
}, patience);
afterEach(async () => {
  for (const context of open.splice(0)) await context.close();
});
afterAll(async () => {
  await browser?.close();
  host?.close();
  if (fixture) rmSync(fixture.root, { recursive: true });
});

interface Visit {
  page: Page;
  faults: string[];
  fetched: string[];
}

/** A page of few pixels: devicePixelRatio makes a picture of some thousand out of a phone's. */
async function visit(engine: 'auto' | 'wasm'): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 360, height: 640 }, deviceScaleFactor: 0.2 });
  open.push(context);
  await context.addInitScript((choice) => localStorage.setItem('langfield-engine', choice), engine);
  const [faults, fetched]: string[][] = [[], []];
  context.on('request', (request) => fetched.push(request.url()));
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await page.goto(host.url);
  await settled(page);
  return { page, faults, fetched };
}

async function settled(page: Page, after = 0): Promise<void> {
  await page.waitForFunction((id) => {
    const { frame } = document.querySelector('canvas')?.dataset ?? {};
    const awaited = document.querySelector('.picture')?.getAttribute('aria-busy') !== 'false';
    return !awaited && Number(frame) > id && !document.querySelector('.busy');
  }, after);
}

/** The picture from the first photo's place, rendered anew by what renders now. */
async function freshPicture(page: Page): Promise<number[]> {
  const before = Number(await page.locator('canvas').getAttribute('data-frame'));
  await page.getByRole('button', { name: 'Home', exact: true }).click();
  await settled(page, before);
  return page.locator('canvas').evaluate((element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return Array.from(data).filter((_, i) => i % 4 < 3);
  });
}

async function ask(page: Page, text: string): Promise<void> {
  const before = Number(await page.locator('canvas').getAttribute('data-frame'));
  await page.fill('input[type=search]', text);
  await page.keyboard.press('Enter');
  await settled(page, before);
}

/** Exact relevancy of the selected phrase. */
async function relevancy(page: Page): Promise<Float32Array> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Relevancy NPY', exact: true }).click(),
  ]);
  const { data } = decodeNpy(new Uint8Array(await readFile(await download.path())), 'relevancy.npy');
  return Float32Array.from(data, Number);
}

const select = (page: Page, engine: string) => page.getByLabel('Engine', { exact: true }).selectOption(engine);
const renders = (page: Page, what: string) => page.locator('.made', { hasText: what }).waitFor();
const note = async (page: Page, pattern: RegExp): Promise<void> =>
  page.locator('.engine-note', { hasText: pattern }).waitFor();

function expectSamePicture(found: number[], wanted: number[]): void {
  expect(found.length).toBe(wanted.length);
  expect(new Set(wanted).size, 'the picture shows something').toBeGreaterThan(25);
  const off = found.filter((value, i) => Math.abs(value - wanted[i]) > 2).length;
  expect(off / wanted.length).toBeLessThan(0.01);
}

/** Keeps the GPU devices that the session opens where a test can reach them. */
async function watchDevices(page: Page): Promise<Worker> {
  const session = page.workers().find((worker) => worker.url().includes('session-worker'))!;
  await session.evaluate(() => {
    const opened: GPUDevice[] = [];
    Object.assign(self, { opened });
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (...given) {
      const device = await requestDevice.apply(this, given);
      opened.push(device);
      return device;
    };
  });
  return session;
}

const loseDevice = (session: Worker, index: number) =>
  session.evaluate((i) => (self as unknown as { opened: GPUDevice[] }).opened[i].destroy(), index);

describe.skipIf(chromiumPath === undefined)('the viewer on WebGPU', () => {
  it('stays with WebAssembly where the GPU is software, and says what is missing', { timeout: patience }, async () => {
    const { page, faults, fetched } = await visit('auto');
    expect(await page.locator('.made').textContent()).toMatch(/CPU, \d+ thread/);
    await page.locator('.stage').focus();
    await page.keyboard.press('?');
    expect(await page.getByRole('dialog').textContent()).toMatch(/CPU, .*WebGPU runs in software here.*driver/);
    expect(fetched.filter((address) => address.includes('render-engine'))).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('shows and answers what WebAssembly does, survives a lost GPU, and refuses a wrong one', {
    timeout: 4 * patience,
  }, async () => {
    const { page, faults, fetched } = await visit('wasm');
    await ask(page, 'mug');
    const plain = await freshPicture(page);
    const mug = await relevancy(page);
    await ask(page, 'plate');
    const plate = await relevancy(page);
    const shown = await freshPicture(page);
    await page.getByRole('button', { name: 'Remove plate' }).click();
    expect(fetched.filter((address) => address.includes('render-engine'))).toEqual([]);
    const session = await watchDevices(page);

    await select(page, 'webgpu');
    await renders(page, 'WebGPU, swiftshader');
    await note(page, /software here, which is slower/);
    expect(fetched.filter((address) => address.includes('render-engine')).length).toBeGreaterThan(0);
    expectSamePicture(await freshPicture(page), plain);
    expect(largestDifference(await relevancy(page), mug)).toBeLessThan(2e-3);
    await ask(page, 'plate');
    expectSamePicture(await freshPicture(page), shown);
    expect(largestDifference(await relevancy(page), plate)).toBeLessThan(2e-3);

    const address = page.url();
    await loseDevice(session, 0);
    await note(page, /stopped working and was opened again/);
    await renders(page, 'WebGPU, swiftshader');
    expect(page.url()).toBe(address);
    expect(await page.locator('.phrase-text').allTextContents()).toEqual(['mug', 'plate']);
    expectSamePicture(await freshPicture(page), shown);
    await loseDevice(session, 1);
    await note(page, /again: WebAssembly renders instead/);
    await renders(page, 'CPU, ');
    expectSamePicture(await freshPicture(page), shown);
    expect(page.url()).toBe(address);

    await session.evaluate(() => {
      const { getMappedRange } = GPUBuffer.prototype;
      GPUBuffer.prototype.getMappedRange = function (...given) {
        const bytes = getMappedRange.apply(this, given);
        return new ArrayBuffer(bytes.byteLength);
      };
    });
    await select(page, 'auto');
    await select(page, 'webgpu');
    await note(page, /GPU answered wrongly.*WebAssembly renders instead/);
    expectSamePicture(await freshPicture(page), shown);
    expect(faults).toEqual([]);
  });
});
