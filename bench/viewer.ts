/**
 * The viewer in a headless Chromium: time to the first and to the finest picture, to a first and to the finest answer,
 * and pictures per second while the camera moves. Every round opens the page anew; the scene comes from this machine.
 */
import type { Command } from 'commander';
import type { Browser, Page } from 'playwright-core';
import { openRunHead } from '../src/field/run-folder.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import { startViewServer } from '../src/viewer/server/view-server.ts';
import { describeSite, findTextSource } from '../src/viewer/site.ts';
import { launchBrowser } from '../test/browser.ts';
import type { Bench } from './bench.ts';
import { median, printTable, round } from './measure.ts';

interface ViewerBenchOptions {
  run: string;
  phrase: string;
}

const names = ['first picture', 'finest picture', 'first answer', 'finest answer', 'picture while moving'] as const;
type Times = Record<(typeof names)[number], number>;

const movingSeconds = 3;

export function addOptions(command: Command): void {
  command
    .option('--run <folder>', 'a trained run with an encoder', 'runs/demo/run')
    .option('--phrase <text>', 'what is asked', 'teddy bear');
}

export const run: Bench = async (options) => {
  const { run: folder, phrase } = options as typeof options & ViewerBenchOptions;
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
  const browser = await launchBrowser();
  const rounds: Times[] = [];
  for (let i = 0; i < options.repeats; i++) rounds.push(await measure(browser, server.url, phrase));
  await browser.close();
  await server.close();
  const of = (name: keyof Times) => rounds.map((times) => times[name]);
  printTable([
    ['viewer, longest side 512', 'median s', 'best s'],
    ...names.map((name) => [name, round(median(of(name)), 3), round(Math.min(...of(name)), 3)]),
  ]);
  return Object.fromEntries(names.map((name) => [name, round(median(of(name)), 3)]));
};

async function measure(browser: Browser, url: string, phrase: string): Promise<Times> {
  const context = await browser.newContext({ viewport: { width: 1120, height: 700 } });
  const page = await context.newPage();
  const opened = performance.now();
  const since = (start: number) => (performance.now() - start) / 1000;
  await page.goto(url);
  await page.waitForSelector('canvas[data-frame]');
  const first = since(opened);
  await page.waitForSelector('canvas[data-final=true]', { timeout: 300_000 });
  const finest = since(opened);
  await page.fill('input[type=search]', phrase);
  const asked = performance.now();
  await page.keyboard.press('Enter');
  await page.waitForSelector('.outcome:not(.quiet)', { timeout: 300_000 });
  const firstAnswer = since(asked);
  await page.waitForSelector('.busy', { state: 'detached', timeout: 300_000 });
  const finestAnswer = since(asked);
  const pictures = await picturesWhileMoving(page);
  await context.close();
  return {
    'first picture': first,
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
