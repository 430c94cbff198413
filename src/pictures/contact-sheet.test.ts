import { beforeAll, describe, expect, it } from 'vitest';
import { LangfieldError } from '../errors.ts';
import { nodePlatform } from '../platform/node/index.ts';
import type { Image } from '../platform/platform.ts';
import { type CaptionFonts, captionPaths, loadFonts } from './captions.ts';
import { contactSheet } from './contact-sheet.ts';
import { drawTextBlock, layOutText, wrapText } from './text-block.ts';

const platform = nodePlatform();
let fonts: CaptionFonts;
beforeAll(async () => {
  fonts = await loadFonts(platform);
});

function flat(width: number, height: number, colour: [number, number, number]): Image {
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < data.length; i++) data[i] = colour[i % 3];
  return { width, height, channels: 3, data };
}

/** Bounding box of the pixels that satisfy a test. */
function boundsWhere(image: Image, test: (r: number, g: number, b: number) => boolean) {
  const box = { left: Infinity, right: -1, top: Infinity, bottom: -1 };
  for (let i = 0; i < image.width * image.height; i++) {
    if (!test(image.data[3 * i], image.data[3 * i + 1], image.data[3 * i + 2])) continue;
    box.left = Math.min(box.left, i % image.width);
    box.right = Math.max(box.right, i % image.width);
    box.top = Math.min(box.top, Math.floor(i / image.width));
    box.bottom = Math.max(box.bottom, Math.floor(i / image.width));
  }
  return box;
}

describe('caption fonts', () => {
  it('draw Latin, Greek and Cyrillic letters as outlines', () => {
    const missing = captionPaths(fonts.regular, '\u4e2d', 20);
    for (const letter of ['a', 'é', 'ł', 'λ', 'Ж', '“', '×', '·']) {
      expect(captionPaths(fonts.regular, letter, 20), letter).toMatch(/^M[\d. QLMCZ-]+$/);
      expect(captionPaths(fonts.regular, letter, 20), letter).not.toBe(missing);
    }
    expect(captionPaths(fonts.regular, 'fox', 20)).not.toBe(captionPaths(fonts.bold, 'fox', 20));
  });

  it('measure in proportion to the size, and wider when bold', () => {
    expect(fonts.regular.width('fox', 40)).toBeCloseTo(2 * fonts.regular.width('fox', 20), 6);
    expect(fonts.bold.width('relevancy', 20)).toBeGreaterThan(fonts.regular.width('relevancy', 20));
  });

  it('never write a number that SVG cannot read', () => {
    for (const size of [11.4, 19.2, 28.8])
      for (const font of [fonts.regular, fonts.bold])
        expect(font.path('over=1 photos=fox/images/0001, D 0.25 (91 %)', size, 0, 30)).toMatch(/^[\d. QLMCZ-]+$/);
  });

  it('are found beside the package when it is itself a dependency', async () => {
    const looked: string[] = [];
    const source = {
      packagePath: (relative: string) => `/app/node_modules/langfield/${relative}`,
      files: {
        stat: async (path: string) => {
          looked.push(path);
          return path === '/app/node_modules/@fontsource/inter/files'
            ? { size: 0, isDirectory: true, modifiedMs: 0 }
            : undefined;
        },
        readBytes: async (path: string) =>
          platform.files.readBytes(
            path.replace('/app/node_modules', platform.packagePath('node_modules').replace(/\/$/, '')),
          ),
      },
    };
    expect((await loadFonts(source)).regular.width('a', 10)).toBeGreaterThan(0);
    expect(looked).toContain('/app/node_modules/langfield/node_modules/@fontsource/inter/files');
  });

  it('name the missing package', async () => {
    const source = { files: { ...platform.files, stat: async () => undefined }, packagePath: (r: string) => `/x/${r}` };
    await expect(loadFonts(source)).rejects.toThrow(LangfieldError);
    await expect(loadFonts(source)).rejects.toThrow(/@fontsource\/inter.*npm install/);
  });
});

describe('text blocks', () => {
  it('keep every character and stay inside the width', () => {
    const text = 'a fairly long caption with an_unbreakable_word_that_is_wider_than_the_block at the end';
    const lines = wrapText(fonts.regular, text, 14, 120);
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines) expect(fonts.regular.width(line, 14)).toBeLessThanOrEqual(120);
    expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
  });

  it('shrink a little to save a line, and not when it does not help', () => {
    const line = 'red fox on a wall';
    const tight = fonts.regular.width(line, 14) - 4;
    expect(layOutText(fonts.regular, line, 14, tight, 1)).toMatchObject({ lines: [line] });
    expect(layOutText(fonts.regular, line, 14, tight, 1).size).toBeLessThan(14);
    expect(layOutText(fonts.regular, line, 14, tight, 2).size).toBe(14);
  });

  it('keep line breaks of the text', () => {
    expect(wrapText(fonts.regular, 'one\ntwo three', 14, 400)).toEqual(['one', 'two three']);
  });

  it('are drawn inside their box, descenders included', async () => {
    const canvas = flat(200, 80, [255, 255, 255]);
    const block = layOutText(fonts.regular, 'Ågjpqy Ågjpqy', 20, 150);
    await drawTextBlock(canvas, block, 25, 20, { colour: '#000000', align: 'centre' }, platform.images);
    const box = boundsWhere(canvas, (r) => r < 200);
    expect(box.left).toBeGreaterThanOrEqual(25);
    expect(box.right).toBeLessThan(175);
    expect(box.top).toBeGreaterThanOrEqual(20);
    expect(box.bottom).toBeLessThan(20 + block.height);
    expect(box.right - box.left).toBeGreaterThan(100);
    expect(Math.abs(box.left - 25 - (174 - box.right))).toBeLessThanOrEqual(3);
  });
});

describe('contactSheet', () => {
  it('keeps the aspect of pictures and gives them one width', async () => {
    const cells = [[{ image: flat(40, 20, [255, 0, 0]) }, { image: flat(30, 30, [0, 0, 255]) }]];
    const sheet = await contactSheet(cells, { cellWidth: 100, gap: 10 }, fonts, platform.images);
    expect(sheet.channels).toBe(3);
    expect(sheet.width).toBe(10 + 2 * 110);
    const red = boundsWhere(sheet, (r, g, b) => r === 255 && g === 0 && b === 0);
    const blue = boundsWhere(sheet, (r, g, b) => r === 0 && g === 0 && b === 255);
    expect([red.right - red.left + 1, red.bottom - red.top + 1]).toEqual([100, 50]);
    expect([blue.right - blue.left + 1, blue.bottom - blue.top + 1]).toEqual([100, 100]);
    expect(blue.left - red.left).toBe(110);
    expect(Math.abs((red.top + red.bottom - blue.top - blue.bottom) / 2)).toBeLessThanOrEqual(1);
  });

  it('fits very tall pictures into two widths', async () => {
    const sheet = await contactSheet(
      [[{ image: flat(10, 100, [255, 0, 0]) }]],
      { cellWidth: 50 },
      fonts,
      platform.images,
    );
    const red = boundsWhere(sheet, (r, g, b) => r === 255 && g === 0 && b === 0);
    expect([red.right - red.left + 1, red.bottom - red.top + 1]).toEqual([10, 100]);
  });

  it('grows with its captions and draws them on free ground', async () => {
    const image = flat(100, 100, [0, 255, 0]);
    const bare = await contactSheet([[{ image }]], { cellWidth: 100 }, fonts, platform.images);
    const caption = 'a long caption that needs several lines under so narrow a cell, truly';
    const options = { cellWidth: 100, title: 'Title', columnCaptions: ['column'], rowCaptions: ['row'] };
    const full = await contactSheet([[{ image, caption }], []], options, fonts, platform.images);
    expect(full.height).toBeGreaterThan(bare.height + 60);
    expect(full.width).toBeGreaterThan(bare.width);
    const green = boundsWhere(full, (r, g, b) => r === 0 && g === 255 && b === 0);
    expect([green.right - green.left + 1, green.bottom - green.top + 1]).toEqual([100, 100]);
    const ink = boundsWhere(full, (r, g, b) => r < 120 && g < 120 && b < 120);
    expect(ink.top).toBeLessThan(green.top);
    expect(ink.left).toBeLessThan(green.left - 20);
    expect(ink.bottom).toBeGreaterThan(green.bottom + 30);
    expect(ink.bottom).toBeLessThan(full.height);
  });

  it('takes grey, 16-bit and transparent pictures', async () => {
    const grey: Image = { width: 2, height: 2, channels: 1, data: new Uint16Array(4).fill(65535) };
    const clear: Image = { width: 2, height: 2, channels: 4, data: new Uint8Array(16) };
    const sheet = await contactSheet([[{ image: grey }, { image: clear }]], { cellWidth: 20 }, fonts, platform.images);
    const centre = (x: number) => [...sheet.data.subarray(3 * (26 * sheet.width + x), 3 * (26 * sheet.width + x) + 3)];
    expect(centre(26)).toEqual([255, 255, 255]);
    expect(centre(62)).toEqual([0xf6, 0xf6, 0xf6]);
  });
});
