/**
 * What the tests of the viewer share: a scene that is trained here for a minute, `langfield view` on it, a browser, and
 * what a person does in a page.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Download, Page } from 'playwright-core';
import { nodePlatform } from '../../src/platform/node/index.ts';
import { launchBrowser } from '../browser.ts';
import { langfield, startLangfield } from '../langfield-process.ts';

export const minutes = 60_000;
export const phrase = 'teddy bear';
export const { files, images } = nodePlatform();

export interface ViewerScene {
  /** Of the page that `langfield view` serves. */
  url: string;
  /** Folder of everything here, of the capture and of the run. */
  folder: string;
  capture: string;
  run: string;
  /** Index of the held-out photo whose truth is looked at, and where in it the phrase's thing is. */
  photo: number;
  truth: { width: number; height: number; inside: boolean[] };
  browser: Browser;
  close(): Promise<void>;
}

/** What beginScene made; tests read it when they run. */
export let scene: ViewerScene;
const open: BrowserContext[] = [];

/** Photographs and trains the scene, serves its page and starts the browser. */
export async function beginScene(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'langfield-view-'));
  const [capture, run] = ['capture', 'run'].map((name) => join(folder, name));
  await must('scene', 'tea-time', '--views', '12', '--novel-views', '2', '--size', '120x90', '--out', capture);
  const lengths = ['--steps', '400', '--language-steps', '250', '--prior', 'panoptic,none'];
  await must('train', capture, '--encoder', 'builtin', ...lengths, '--out', run, '--cache', join(folder, 'cache'));
  const photo = photosOf(run).findIndex(({ name }: { name: string }) => name.includes('novel-01'));
  const truth = await readTruth(capture, 'novel-01');
  const server = startLangfield('view', run, '--port', '0');
  const url = await new Promise<string>((resolve, reject) => {
    server.child.stdout!.on('data', (text: string) => {
      const found = /http:\S+/.exec(text);
      if (found) resolve(found[0]);
    });
    server.finished.then(({ err }) => reject(new Error(err)));
  });
  const browser = await launchBrowser();
  const close = async () => {
    await browser.close();
    server.child.kill('SIGTERM');
    await server.finished;
    rmSync(folder, { recursive: true });
  };
  scene = { url, folder, capture, run, photo, truth, browser, close };
}

/** `langfield …`, which must succeed; what it printed. */
export async function must(...args: string[]): Promise<string> {
  const { code, out, err } = await langfield(...args);
  if (code !== 0) throw new Error(`langfield ${args.join(' ')}: ${err}`);
  return out;
}

async function readTruth(capture: string, view: string): Promise<ViewerScene['truth']> {
  const path = join(capture, 'instances', `${view}.png`);
  const { width, height, data } = await images.decode(readFileSync(path), path);
  const { instances } = JSON.parse(readFileSync(join(capture, 'scene.json'), 'utf8'));
  const ids = new Set(
    instances.filter(({ noun }: { noun: string }) => noun === phrase).map(({ id }: { id: number }) => id),
  );
  return { width, height, inside: Array.from(data, (id) => ids.has(id)) };
}

/** The photos of a run and their cameras. */
export function photosOf(run: string) {
  return JSON.parse(readFileSync(join(run, 'cameras.json'), 'utf8')).photos;
}

export interface Visit {
  page: Page;
  /** What went wrong in the page, and addresses of other origins that it asked for. */
  faults: string[];
  foreign: string[];
  fetched: string[];
}

/** A context of the browser that closeVisits closes. */
export async function newContext(options: Parameters<Browser['newContext']>[0] = {}): Promise<BrowserContext> {
  const context = await scene.browser.newContext(options);
  open.push(context);
  return context;
}

export async function closeVisits(): Promise<void> {
  for (const context of open.splice(0)) await context.close();
}

export async function visit(address: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Visit> {
  const context = await newContext({ viewport: { width: 1100, height: 720 }, ...options });
  const [faults, foreign, fetched]: string[][] = [[], [], []];
  const { origin } = new URL(address);
  context.on('request', (request) => {
    const from = new URL(request.url());
    (from.origin === origin || from.protocol === 'blob:' ? fetched : foreign).push(from.href);
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await page.goto(address);
  return { page, faults, foreign, fetched };
}

/** The page at the photo whose truth is known, small, with more of an address; its picture has come to rest. */
export async function visitPhoto(more = ''): Promise<Visit> {
  const visited = await visit(`${scene.url}#side=192&photo=${scene.photo}${more}`);
  await settled(visited.page);
  return visited;
}

/** The picture is what was asked for last, as sharp as it gets. */
export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('.picture[aria-busy=false]', { timeout: 2 * minutes });
  await page.waitForSelector('.busy', { state: 'detached', timeout: 2 * minutes });
}

export async function ask(page: Page, text: string): Promise<void> {
  await page.fill('input[type=search]', text);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.outcome:not(.quiet)', { timeout: 2 * minutes });
  await settled(page);
}

/** The page shows a frame that came after the one with this number. */
export async function laterFrame(page: Page, than: number): Promise<void> {
  await page.waitForFunction((id) => Number(document.querySelector('canvas')?.dataset.frame) > id, than, {
    timeout: 2 * minutes,
  });
  await settled(page);
}

export const frameOf = async (page: Page) => Number(await page.locator('canvas').first().getAttribute('data-frame'));

/** RGBA of a canvas of the picture. */
export async function pixels(page: Page, index = 0): Promise<{ width: number; height: number; data: number[] }> {
  return page
    .locator('canvas')
    .nth(index)
    .evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { width, height, data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return { width, height, data: Array.from(data) };
    });
}

export async function saved(page: Page, button: string): Promise<{ name: string; bytes: Buffer }> {
  const [download]: [Download, unknown] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button, exact: true }).click(),
  ]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** Settings that the address of a page holds. */
export const state = (page: Page) => new URLSearchParams(new URL(page.url()).hash.slice(1));

/** Whether a pixel of a picture of this size shows the phrase's thing, by the truth of the smaller photo. */
export function withinTruth(pixel: number, width: number, height: number): boolean {
  const { truth } = scene;
  const at = (position: number, from: number, to: number) => Math.floor(((position + 0.5) * to) / from);
  const [row, col] = [Math.floor(pixel / width), pixel % width];
  return truth.inside[at(row, height, truth.height) * truth.width + at(col, width, truth.width)];
}
