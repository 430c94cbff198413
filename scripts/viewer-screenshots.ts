// Takes the pictures of docs/viewer.md from a run in a real browser:
//   node scripts/viewer-screenshots.ts runs/demo/run docs/viewer
// The run is the demo's (two language fields, "none" first). Pictures are reduced to 256 colours to stay small.
import { mkdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { openRunHead } from '../src/field/run-folder.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import { startViewServer } from '../src/viewer/server/view-server.ts';
import { describeSite, findTextSource } from '../src/viewer/site.ts';
import { launchBrowser } from '../test/browser.ts';

interface Shot {
  name: string;
  fragment: string;
  width?: number;
  height?: number;
  dark?: boolean;
  /** What is done before the picture is taken. */
  prepare?(page: Page): Promise<unknown>;
}

const phrases = (...texts: string[]) => texts.map((text, i) => `q=${encodeURIComponent(text)}~${i}~1~1`).join('&');
const field = 'field=panoptic%2Bwithin%2Bmasked&side=384';
const openPart = async (page: Page, name: string) => {
  await page.getByText(name, { exact: true }).click();
  await page.locator('details[open]').scrollIntoViewIfNeeded();
};
/** A polygon around the first place of the selected phrase, and two corners of another. */
const drawLabel = async (page: Page) => {
  await withAnswer(page);
  await openPart(page, 'Label');
  const place = (await page.locator('.place').first().boundingBox())!;
  const [x, y] = [place.x + place.width / 2, place.y + place.height / 2];
  const draw = async (dx: number, corners: readonly (readonly [number, number])[]) => {
    await page.getByRole('button', { name: /Draw around/ }).click();
    for (const [right, down] of corners) await page.mouse.click(x + dx + right, y + down);
  };
  const around: [number, number][] = [
    [-40, -70],
    [45, -72],
    [62, 20],
    [0, 58],
    [-66, 25],
  ];
  await draw(0, [...around, around[0]]);
  await draw(-150, around.slice(1, 4));
  await page.locator('.label-part').evaluate((part) => part.scrollIntoView({ block: 'end' }));
};
const pointAtPicture = async (page: Page, right: number, down: number) => {
  const { x, y, width, height } = (await page.locator('.picture').boundingBox())!;
  await page.mouse.move(x + right * width, y + down * height);
};
const settled = (page: Page) => page.waitForSelector('.picture[aria-busy=false]', { timeout: 180_000 });
const withAnswer = (page: Page) => page.waitForSelector('.outcome:not(.quiet)', { timeout: 120_000 });

const shots: Shot[] = [
  { name: 'empty', fragment: field },
  { name: 'phrases', fragment: `${field}&photo=1&${phrases('teddy bear', 'apple', 'cake')}`, prepare: withAnswer },
  {
    name: 'relevancy',
    fragment: `${field}&photo=1&${phrases('teddy bear')}&layer=relevancy&display=normalised`,
    prepare: withAnswer,
  },
  {
    name: 'fields',
    fragment: `${field}&photo=1&${phrases('mug')}&layer=relevancy&display=composited&compare=field`,
    prepare: withAnswer,
  },
  {
    name: 'difference',
    fragment: `${field}&photo=1&${phrases('mug')}&compare=difference`,
    prepare: withAnswer,
  },
  {
    name: 'photo',
    fragment: `${field}&photo=2&compare=photo`,
    prepare: async (page) => {
      await page.waitForFunction(
        () => (document.querySelector<HTMLImageElement>('.picture img')?.naturalWidth ?? 0) > 0,
      );
    },
  },
  { name: 'depth', fragment: `${field}&photo=3&layer=depth`, dark: true },
  { name: 'not-found', fragment: `${field}&photo=1&${phrases('toy robot')}`, prepare: withAnswer },
  { name: 'unknown-word', fragment: `${field}&photo=1&${phrases('purple mugg')}`, dark: true, prepare: withAnswer },
  {
    name: 'phone',
    fragment: `${field}&photo=1&${phrases('teddy bear', 'apple')}`,
    width: 390,
    height: 844,
    dark: true,
    prepare: withAnswer,
  },
  { name: 'label', fragment: `${field}&photo=1&${phrases('teddy bear')}`, prepare: drawLabel },
  {
    name: 'label-phone',
    fragment: `${field}&photo=1&${phrases('teddy bear')}`,
    width: 390,
    height: 844,
    dark: true,
    prepare: async (page) => {
      await withAnswer(page);
      await openPart(page, 'Label');
      await page.getByRole('button', { name: /Draw around/ }).click();
      const place = (await page.locator('.place').first().boundingBox())!;
      for (const [right, down] of [
        [-35, -28],
        [50, -30],
        [60, 60],
        [-50, 90],
      ])
        await page.mouse.click(place.x + right, place.y + down);
    },
  },
  {
    name: 'tiles',
    fragment: `${field}&photo=9&layer=tiles&level=2`,
    prepare: async (page) => {
      await page.waitForSelector('canvas[data-prior]');
      await pointAtPicture(page, 0.74, 0.6);
    },
  },
  { name: 'features', fragment: `${field}&photo=1&layer=features` },
  { name: 'clip', fragment: `${field}&photo=1&layer=features&features=clip` },
  {
    name: 'regions',
    fragment: `${field}&photo=9&layer=regions`,
    dark: true,
    prepare: async (page) => {
      await page.waitForSelector('canvas[data-prior]');
      await pointAtPicture(page, 0.5, 0.55);
    },
  },
  {
    name: 'tiles-phone',
    fragment: `${field}&photo=9&layer=tiles&level=4`,
    width: 390,
    height: 844,
    prepare: async (page) => {
      await page.waitForSelector('canvas[data-prior]');
      await page.getByRole('slider', { name: 'Level' }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'path',
    fragment: `${field}&photo=1&${phrases('teddy bear')}`,
    dark: true,
    prepare: async (page) => {
      await withAnswer(page);
      await openPart(page, 'Camera path');
      const add = page.getByRole('button', { name: 'Add this view' });
      await add.click();
      for (let i = 0; i < 2; i++) {
        await page.getByRole('button', { name: 'Next photo' }).click();
        await page.waitForTimeout(1500);
        await add.click();
      }
      await settled(page);
      await page.locator('.path-part').evaluate((part) => part.scrollIntoView({ block: 'end' }));
    },
  },
  {
    name: 'large',
    fragment: `${field}&photo=1&${phrases('teddy bear', 'apple')}`,
    width: 3840,
    height: 2160,
    prepare: withAnswer,
  },
  {
    name: 'advanced',
    dark: true,
    fragment: `${field}&photo=1&${phrases('apple')}`,
    prepare: async (page) => {
      await withAnswer(page);
      await openPart(page, 'Advanced');
      await page.locator('details[open]').evaluate((part) => part.scrollIntoView({ block: 'end' }));
    },
  },
  {
    name: 'help',
    fragment: field,
    prepare: async (page) => page.getByRole('button', { name: 'Keys and gestures' }).click(),
  },
];

async function take(browser: Browser, url: string, out: string, shot: Shot): Promise<void> {
  const { width = 1120, height = 700 } = shot;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: shot.dark ? 'dark' : 'light',
  });
  const page = await context.newPage();
  await page.goto(`${url}#${shot.fragment}`);
  await settled(page);
  await page.waitForFunction(() => [...document.querySelectorAll('img')].slice(0, 8).every(({ complete }) => complete));
  await shot.prepare?.(page);
  await settled(page);
  await save(page, out, shot.name);
  await context.close();
}

async function takeFailure(browser: Browser, url: string, out: string): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1120, height: 700 } });
  await context.route('**/scene.safetensors', (route) => route.abort());
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForSelector('[role=alert]');
  await save(page, out, 'failure');
  await context.close();
}

async function save(page: Page, out: string, name: string): Promise<void> {
  const picture = sharp(await page.screenshot());
  await picture.png({ palette: true, colours: 256, effort: 10 }).toFile(`${out}/${name}.png`);
  console.log(`${out}/${name}.png`);
}

const [run, out, only] = process.argv.slice(2);
const platform = nodePlatform();
const head = await openRunHead(run, platform.files);
const text = await findTextSource(head, head.config.encoder!.folder, platform);
const server = await startViewServer({
  page: platform.packagePath('build/viewer'),
  describe: () => describeSite(run, text, platform),
  host: '127.0.0.1',
  port: 0,
  machine: platform,
});
const browser = await launchBrowser();
mkdirSync(out, { recursive: true });
for (const shot of shots)
  if (only === undefined || only.split(',').includes(shot.name)) await take(browser, server.url, out, shot);
if (only === undefined || only.split(',').includes('failure')) await takeFailure(browser, server.url, out);
await browser.close();
await server.close();
