/**
 * `langfield train --view` as a user meets it: curves and a picture that follows in a real browser, pause, resume and stop
 * from the page, and what happens when the port is taken or training fails.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nodePlatform } from '../src/platform/node/index.ts';
import { silentProgress } from '../src/platform/platform.ts';
import { defaultPrior } from '../src/pyramid/prior.ts';
import { sceneDefaults, writeScene } from '../src/scenes/write-scene.ts';
import { orderFor, type TrainingNews } from '../src/viewer/training-link.ts';
import { chromiumPath, launchBrowser } from './browser.ts';
import { langfield, type LangfieldProcess, startLangfield } from './langfield-process.ts';
import { tinyDenseGraph, writeTinyEncoder } from './tiny-encoder.ts';

const minutes = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'langfield-live-'));
const at = (name: string) => join(folder, name);
const running: LangfieldProcess[] = [];

beforeAll(async () => {
  const options = { ...sceneDefaults, views: 6, novelViews: 2, width: 64, height: 48, samples: 1 };
  await writeScene('donuts', at('capture'), options, nodePlatform(), silentProgress);
  writeTinyEncoder(at('encoder'), { dense: tinyDenseGraph() });
}, 5 * minutes);
afterEach(async () => {
  for (const { child, finished } of running.splice(0)) {
    child.kill('SIGKILL');
    await finished;
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

interface LiveTraining extends LangfieldProcess {
  url: string;
  err(): string;
}

/** Starts a training with far more steps than it will take, and waits for its address. */
async function trainLive(run: string, ...more: string[]): Promise<LiveTraining> {
  const size = ['--joint', '--steps', '1000000', '--rays', '16', '--threads', '1', '--log-steps', '5'];
  const where = ['--out', at(run), '--encoder', at('encoder'), '--cache', at('cache'), '--device', 'cpu'];
  const started = startLangfield('train', at('capture'), ...where, ...size, '--view', '--port', '0', ...more);
  running.push(started);
  let err = '';
  started.child.stderr!.on('data', (text: string) => (err += text));
  const url = await new Promise<string>((resolve, reject) => {
    started.child.stdout!.on('data', (text: string) => {
      const found = /is shown at (http:\S+)/.exec(text);
      if (found) resolve(found[1]);
    });
    started.finished.then((result) => reject(new Error(result.err)), reject);
  });
  return { ...started, url, err: () => err };
}

/** Reads news of a training until one is of a kind. */
async function newsUntil(url: string, isIt: (news: TrainingNews) => boolean): Promise<TrainingNews> {
  const leave = new AbortController();
  const { body } = await fetch(`${url}training/news`, { signal: leave.signal });
  let text = '';
  for await (const part of body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    const messages = text.split('\n\n');
    text = messages.pop()!;
    const found = messages
      .filter((message) => message.startsWith('data: '))
      .map((message) => JSON.parse(message.slice('data: '.length)) as TrainingNews)
      .find(isIt);
    if (found === undefined) continue;
    leave.abort();
    return found;
  }
  throw new Error('the news ended');
}

function post(url: string, action: 'pause' | 'resume' | 'stop'): Promise<Response> {
  const headers = { origin: new URL(url).origin, 'content-type': 'application/json' };
  return fetch(`${url}training/orders`, { method: 'POST', headers, body: orderFor(action) });
}

describe('a page that cannot be', () => {
  it('is a mistake before anything is read or written', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
    );
    const args = ['train', at('capture'), '--out', at('taken'), '--view', '--port', `${port}`];
    const { code, err } = await langfield(...args);
    server.close();
    expect(err).toMatch(/^error: the viewer cannot listen there .*EADDRINUSE.*--port/m);
    expect(code).toBe(1);
    expect(existsSync(at('taken'))).toBe(false);
    const alone = await langfield('train', at('capture'), '--port', '7000');
    expect(alone).toMatchObject({ code: 1, err: expect.stringMatching(/^error: --port: .*Add --view/) });
  });

  it('ends with the command when there is nothing to train', async () => {
    const { code, out, err } = await langfield('train', at('nowhere'), '--view', '--port', '0', '--device', 'cpu');
    expect(out).toMatch(/^the training of runs\/nowhere is shown at http:\/\/127\.0\.0\.1:\d+\/\n$/);
    expect(err).toMatch(/^error: \S+nowhere: there is no such capture/m);
    expect(code).toBe(1);
  });
});

describe('a training that fails', () => {
  it('says so on the page and in the terminal, and the page stays until Ctrl-C', { timeout: 5 * minutes }, async () => {
    const { url, child, finished, err } = await trainLive('failing');
    const { report } = await newsUntil(url, (news) => (news.report.stage?.step ?? 0) > 2);
    expect(report).toMatchObject({ state: 'training', fields: [defaultPrior], stages: [{ name: 'joint' }] });
    // Nothing can be saved over a folder.
    mkdirSync(join(at('failing'), 'scene.safetensors'));
    expect((await post(url, 'stop')).status).toBe(204);
    const failed = await newsUntil(url, (news) => news.report.state === 'failed');
    expect(failed.report.error).toContain('scene.safetensors');
    expect(failed.report.goOnWith).toContain('--resume --out');
    expect((await post(url, 'resume')).status).toBe(409);
    while (!err().includes('until you press Ctrl-C')) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(err()).toContain(`training failed: ${failed.report.error}`);
    child.kill('SIGINT');
    const result = await finished;
    expect(result.code).toBe(1);
    expect(result.err).toMatch(/^error: .*scene\.safetensors/m);
  });
});

const headline = (page: Page) => page.locator('.training-headline');
const heads = (page: Page, words: string) =>
  page.waitForFunction((start) => document.querySelector('.training-headline')?.textContent?.startsWith(start), words, {
    timeout: 4 * minutes,
  });

async function stepOf(page: Page): Promise<number> {
  const found = /step ([\d\s]+?) of/.exec((await headline(page).textContent()) ?? '');
  return Number(found?.[1].replaceAll(/\s/g, ''));
}

async function stepBeyond(page: Page, step: number): Promise<void> {
  while (!((await stepOf(page)) > step)) await page.waitForTimeout(50);
}

/** The picture once it is as fine as it gets, and is not `old`. */
async function finalPicture(page: Page, old = ''): Promise<string> {
  const found = await page.waitForFunction(
    (before) => {
      const canvas = document.querySelector<HTMLCanvasElement>('canvas[data-final=true]');
      const shown = canvas?.toDataURL() ?? before;
      return shown === before ? undefined : shown;
    },
    old,
    { timeout: 4 * minutes },
  );
  return (await found.jsonValue())!;
}

describe.skipIf(chromiumPath === undefined)('a training in the browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  }, minutes);
  afterAll(() => browser?.close());

  async function visit(url: string, faults: string[]): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1100, height: 720 } });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(`${url}#side=192`);
    return page;
  }

  it('shows curves and a picture that follows, and is paused, resumed and stopped there', {
    timeout: 20 * minutes,
  }, async () => {
    const { url, child, finished, err } = await trainLive('run');
    const faults: string[] = [];
    const page = await visit(url, faults);
    const card = page.locator('.stage .card');
    await card.getByText('The first picture comes after about 8 s of training').waitFor({ timeout: minutes });
    await page.waitForSelector('canvas[data-frame]', { timeout: 5 * minutes });
    expect(await card.count()).toBe(0);
    expect(await page.locator('.chart figcaption > span:first-child').allTextContents()).toEqual([
      'PSNR',
      'Colour loss',
      'CLIP loss',
      'DINO loss',
    ]);
    const points = () =>
      page
        .locator('.chart path')
        .first()
        .evaluate((path) => path.getAttribute('d')!.split('L').length);
    const drawn = await points();
    expect(drawn).toBeGreaterThan(1);
    expect(await page.locator('.chart svg').first().getAttribute('aria-label')).toMatch(
      /^PSNR\. [\d.]+ dB at step \d+/,
    );
    expect(await page.locator('.training [role=status]').textContent()).toMatch(/step .* of 1.000.000/);

    const picture = await finalPicture(page);
    const other = await visit(url, faults);
    await heads(other, 'Radiance and language, step');
    await page.getByRole('button', { name: 'Pause' }).click();
    for (const each of [page, other]) await heads(each, 'Paused.');
    const paused = await stepOf(page);
    await page.waitForTimeout(1500);
    expect([await stepOf(page), await stepOf(other)]).toEqual([paused, paused]);
    // What is looked at is what has been computed so far.
    await page.getByText(/picture of step/).waitFor();
    await finalPicture(page, picture);

    await other.getByRole('button', { name: 'Resume' }).click();
    for (const each of [page, other]) await stepBeyond(each, paused);
    await other.close();
    expect(await points()).toBeGreaterThan(drawn);

    await page.getByRole('button', { name: 'Stop …' }).click();
    await page.getByRole('button', { name: 'Save and stop' }).click();
    await heads(page, 'Stopped and saved.');
    const stopped = await stepOf(page);
    expect(stopped).toBeGreaterThan(paused);
    expect(await page.locator('.training-next code').textContent()).toBe(`langfield train --resume --out ${at('run')}`);
    expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0);
    expect(faults).toEqual([]);
    while (!err().includes('until you press Ctrl-C')) await page.waitForTimeout(20);
    child.kill('SIGINT');
    expect(await finished).toMatchObject({ code: 130, err: expect.stringContaining('Saved at step') });
    await page.close();

    const more = ['--steps', `${stopped + 3}`, '--log-steps', '1'];
    const resumed = await langfield('train', '--resume', '--out', at('run'), ...more, '--device', 'cpu');
    expect(resumed.err).toContain(`Continuing the joint stage at step ${stopped} of ${stopped + 3}`);
    expect(resumed.code).toBe(0);
    const lines = readFileSync(join(at('run'), 'training-log.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ stage: 'joint', step: stopped + 3 });
  });
});
