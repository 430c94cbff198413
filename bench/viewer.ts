/**
 * The viewer in a headless Chromium: time to the first picture, until the engine asked for renders, to the finest
 * picture, to a first and to the finest answer, and per picture while the camera moves. Every round opens the page anew;
 * the scene comes from this machine.
 */
import { type Command, InvalidArgumentError } from 'commander';
import { errors, type Page } from 'playwright-core';
import { LangfieldError } from '../src/errors.ts';
import { openRunHead } from '../src/field/run-folder.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import { startViewServer } from '../src/viewer/server/view-server.ts';
import { describeSite, findTextSource } from '../src/viewer/site.ts';
import { longSides } from '../src/viewer/looks.ts';
import { launchBrowser, softwareGpu } from '../test/browser.ts';
import type { Bench } from './bench.ts';
import { median, printTable, round } from './measure.ts';

/** What renders: WebAssembly, WebGPU in software (SwiftShader), WebGPU on the GPU of this machine. */
const engines = {
  cpu: { choice: 'wasm', flags: [] },
  'software-gpu': { choice: 'webgpu', flags: softwareGpu },
  gpu: { choice: 'webgpu', flags: ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--ignore-gpu-blocklist'] },
} as const;
type EngineName = keyof typeof engines;

interface ViewerBenchOptions {
  run: string;
  phrase: string;
  engines: EngineName[];
  side: number;
}

const names = [
  'first picture',
  'engine ready',
  'finest picture',
  'first answer',
  'finest answer',
  'picture while moving',
] as const;
type Times = Record<(typeof names)[number], number>;

const movingSeconds = 3;
/** Milliseconds for one wait: WebGPU in software takes minutes to choose a scale. */
const patience = 900_000;

export function addOptions(command: Command): void {
  command
    .option('--run <folder>', 'a trained run with an encoder', 'runs/demo/run')
    .option('--phrase <text>', 'what is asked', 'teddy bear')
    .option('--engines <names>', `one or several of ${Object.keys(engines).join(', ')}`, engineNames, ['cpu'])
    .option('--side <pixels>', `longest side of the picture: ${longSides.join(', ')}`, sideOf, 512);
}

function engineNames(text: string): EngineName[] {
  return text.split(',').map((name) => {
    if (!Object.hasOwn(engines, name)) throw new InvalidArgumentError(`"${name}" is none of them.`);
    return name as EngineName;
  });
}

function sideOf(text: string): number {
  const side = longSides.find((each) => String(each) === text);
  if (side === undefined) throw new InvalidArgumentError(`The viewer has no pictures of ${text} pixels.`);
  return side;
}

export const run: Bench = async (options) => {
  const { run: folder, ...asked } = options as typeof options & ViewerBenchOptions;
  const platform = nodePlatform();
  const head = await openRunHead(folder, platform.files);
  const text = await findTextSource(head, head.config.encoder!.folder, platform);
  const server = await startViewServer({
    page: platform.packagePath('build/viewer'),
    describe: () => describeSite(folder, text, platform),
    host: '127.0.0.1',
    port: 0,
    machine: platform,
  });
  const results: Record<string, Record<string, number>> = {};
  try {
    for (const name of asked.engines) results[name] = await measureEngine(name, server.url, asked, options.repeats);
  } finally {
    await server.close();
  }
  return results;
};

/** Medians in seconds; the table is printed. */
async function measureEngine(
  name: EngineName,
  url: string,
  { phrase, side }: Pick<ViewerBenchOptions, 'phrase' | 'side'>,
  repeats: number,
): Promise<Record<string, number>> {
  const { choice, flags } = engines[name];
  const browser = await launchBrowser(flags);
  const rounds: Times[] = [];
  let engine = '';
  try {
    for (let i = 0; i < repeats; i++) {
      const context = await browser.newContext({ viewport: { width: 1120, height: 700 } });
      await context.addInitScript((value) => localStorage.setItem('langfield-engine', value), choice);
      const page = await context.newPage();
      rounds.push(await measure(page, `${url}#side=${side}`, phrase, shownName(name)));
      engine = await engineOf(page, name);
      await context.close();
    }
  } finally {
    await browser.close();
  }
  const of = (time: keyof Times) => rounds.map((times) => times[time]);
  printTable([
    [`viewer, ${engine}, longest side ${side}`, 'median s', 'best s'],
    ...names.map((time) => [time, round(median(of(time)), 3), round(Math.min(...of(time)), 3)]),
  ]);
  return Object.fromEntries(names.map((time) => [time, round(median(of(time)), 3)]));
}

const shownName = (name: EngineName) => (engines[name].choice === 'webgpu' ? 'WebGPU' : 'CPU');

/** What the page says that it renders with; an error when that is not what was to be measured. */
async function engineOf(page: Page, name: EngineName): Promise<string> {
  const engine = /(WebGPU|CPU), .*/.exec((await page.locator('.read-out .made').textContent()) ?? '')?.[0] ?? 'unknown';
  if (!engine.startsWith(shownName(name)) || (name === 'gpu' && /swiftshader|llvmpipe/i.test(engine)))
    throw new LangfieldError({
      problem: 'the page does not render with the engine that is to be measured',
      field: '--engines',
      found: engine,
      expected: name,
      advice: 'Measure the other engines, or run on a machine whose Chromium offers this one',
    });
  return engine;
}

/** Waits for a state of the page; an error that names it when it does not come. */
async function reach(page: Page, state: string, selector: string): Promise<void> {
  try {
    await page.waitForSelector(selector, { timeout: patience });
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error;
    const shown =
      (await page
        .locator('.busy')
        .textContent({ timeout: 1000 })
        .catch(() => '')) || 'no progress shown';
    throw new LangfieldError({
      problem: `the page did not come to ${state}`,
      found: `after ${patience / 60_000} minutes: ${shown}`,
      advice: 'Measure a smaller --side, a run of smaller fields, or another of the --engines',
    });
  }
}

const settled = '.picture[aria-busy=false]';

async function measure(page: Page, url: string, phrase: string, wanted: string): Promise<Times> {
  const opened = performance.now();
  const since = (start: number) => (performance.now() - start) / 1000;
  await page.goto(url);
  await reach(page, 'a first picture', 'canvas[data-frame]');
  const first = since(opened);
  // WebGPU compiles and checks itself while WebAssembly renders; engineOf says so when it never comes.
  await page
    .locator('.read-out .made', { hasText: wanted })
    .waitFor({ timeout: patience })
    .catch(() => {});
  const ready = since(opened);
  await reach(page, 'its finest picture', settled);
  const finest = since(opened);
  await page.fill('input[type=search]', phrase);
  const asked = performance.now();
  await page.keyboard.press('Enter');
  await reach(page, 'a first answer', '.outcome:not(.quiet)');
  const firstAnswer = since(asked);
  await reach(page, 'its finest answer', settled);
  const finestAnswer = since(asked);
  const pictures = await picturesWhileMoving(page);
  return {
    'first picture': first,
    'engine ready': ready,
    'finest picture': finest,
    'first answer': firstAnswer,
    'finest answer': finestAnswer,
    'picture while moving': movingSeconds / pictures,
  };
}

/** Drags for a while, with the phrase shown, and counts the pictures. */
async function picturesWhileMoving(page: Page): Promise<number> {
  await page.evaluate(() => {
    const counter = { pictures: 0 };
    Object.assign(window, { counter });
    const canvas = document.querySelector('canvas')!;
    new MutationObserver(() => counter.pictures++).observe(canvas, { attributeFilter: ['data-frame'] });
  });
  const count = () => page.evaluate(() => (window as unknown as { counter: { pictures: number } }).counter.pictures);
  await page.mouse.move(300, 350);
  await page.mouse.down();
  await page.mouse.move(305, 350);
  const before = await count();
  const start = performance.now();
  for (let x = 305; performance.now() - start < 1000 * movingSeconds; x += 1) await page.mouse.move(x % 600, 350);
  const pictures = (await count()) - before;
  await page.mouse.up();
  return Math.max(1, pictures);
}
