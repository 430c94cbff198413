/**
 * The built-in encoder, opened as any encoder folder is: the committed files are what build.ts makes, colours get
 * their names on flat and on shaded tiles, and relevancy says yes to the right colour and no to all others.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageTextEncoder } from '../../src/encoders/encoder.ts';
import { loadNodeRuntime } from '../../src/encoders/node-runtime.ts';
import { openEncoder } from '../../src/encoders/onnx-encoder.ts';
import { nodePlatform } from '../../src/platform/node/index.ts';
import { decodeSrgb, encodeSrgb } from '../../src/scenes/ray-tracer.ts';
import { buildFiles } from './build.ts';
import { canonicalPhrases, colours, palette } from './palette.ts';

/** Colours as style sheets and painters give them; none of them is one of the looks in palette.ts by construction. */
const named: Record<string, string> = {
  red: '#ff0000 #dc143c #b22222 #8b0000 #e02428 #800000',
  orange: '#ffa500 #ff8c00 #ff7f18 #f58a10 #e07810',
  yellow: '#ffff00 #ffd700 #fad628 #f0c010 #c8a010',
  green: '#00ff00 #008000 #228b22 #32cd32 #2e8b57 #006400 #6b8e23 #90ee90',
  turquoise: '#00ffff #40e0d0 #20b2aa #008080',
  blue: '#0000ff #4169e1 #1e90ff #000080 #4682b4 #87ceeb #6495ed',
  purple: '#800080 #663399 #8a2be2 #4b0082 #9370db #ba55d3',
  magenta: '#ff00ff #ff1493 #c71585',
  pink: '#ffc0cb #ffb6c1 #ff69b4 #db7093 #fa8072',
  brown: '#8b4513 #a0522d #b07c4e #5c3a1e #6b4423',
  beige: '#d2b48c #f5deb3 #deb887',
  black: '#010101 #101010 #1c1c1c',
  grey: '#808080 #a9a9a9 #696969 #c0c0c0 #708090',
  white: '#ffffff #f5f5f5 #fffafa #f8f8ff',
};
const cases = Object.entries(named).flatMap(([colour, codes]) => codes.split(' ').map((code) => ({ colour, code })));

type Rgb = readonly [number, number, number];
const rgbOf = (code: string): Rgb =>
  [1, 3, 5].map((at) => Number.parseInt(code.slice(at, at + 2), 16)) as unknown as Rgb;
const lit = (colour: Rgb, light: number) =>
  colour.map((code) => encodeSrgb(decodeSrgb(code) * light)) as unknown as Rgb;

let encoder: ImageTextEncoder;
let texts: Float32Array;
let canonical: Float32Array;

beforeAll(async () => {
  const { files, packagePath } = nodePlatform();
  encoder = await openEncoder(packagePath('models/colour-words'), files, await loadNodeRuntime(), { threads: 1 });
  texts = await encoder.encodeTexts(colours);
  canonical = await encoder.encodeTexts(canonicalPhrases);
});
afterAll(() => encoder?.close());

const side = 48;
async function encodeTile(paint: (row: number, col: number) => Rgb): Promise<Float32Array> {
  const data = new Uint8Array(side * side * 3);
  for (let pixel = 0; pixel < side * side; pixel++) data.set(paint(Math.floor(pixel / side), pixel % side), pixel * 3);
  return encoder.encodeImages({ count: 1, side, data });
}

const cosine = (a: Float32Array, table: Float32Array, row: number) =>
  a.reduce((sum, value, axis) => sum + value * table[row * a.length + axis], 0);

/** sigmoid(10 (cos - best canonical cos)) */
function relevancy(image: Float32Array, phrases: Float32Array, row: number): number {
  const negatives = canonicalPhrases.map((_, index) => cosine(image, canonical, index));
  return 1 / (1 + Math.exp(-10 * (cosine(image, phrases, row) - Math.max(...negatives))));
}

/** Relevancy of every colour, best first. */
const ranked = (image: Float32Array) =>
  colours
    .map((colour, row) => ({ colour, relevancy: relevancy(image, texts, row) }))
    .sort((a, b) => b.relevancy - a.relevancy);

describe('the folder', () => {
  it.each([...buildFiles()])('%s is what build.ts makes', (name, bytes) => {
    const committed = readFileSync(fileURLToPath(new URL(name, import.meta.url)));
    expect(Buffer.compare(committed, bytes)).toBe(0);
  });
});

describe('images', () => {
  it.each(cases)('$code is $colour and nothing else', async ({ colour, code }) => {
    const order = ranked(await encodeTile(() => rgbOf(code)));
    expect(order[0].colour).toBe(colour);
    expect(order[0].relevancy).toBeGreaterThan(0.8);
    for (const other of order.slice(2)) expect(other.relevancy).toBeLessThan(0.5);
  });

  const vivid = ['red', 'yellow', 'green', 'turquoise', 'blue', 'purple', 'brown'];
  it.each(vivid)('%s stays itself from full light to half shadow, across one tile', async (colour) => {
    const base = rgbOf(named[colour].split(' ')[0]);
    const order = ranked(await encodeTile((row) => lit(base, 0.45 + (0.55 * row) / (side - 1))));
    expect(order[0].colour).toBe(colour);
    expect(order[0].relevancy).toBeGreaterThan(0.9);
    for (const other of order.slice(1)) expect(other.relevancy).toBeLessThan(0.5);
  });

  it('takes no notice of zero padding', async () => {
    const band = await encodeTile((row) => (row > side / 3 && row < (2 * side) / 3 ? [200, 20, 30] : [0, 0, 0]));
    const order = ranked(band);
    expect(order[0].colour).toBe('red');
    expect(order[0].relevancy).toBeGreaterThan(0.9);
    expect(order.find(({ colour }) => colour === 'black')!.relevancy).toBeLessThan(0.1);
  });

  it('says nothing about a tile that is all padding', async () => {
    const empty = await encodeTile(() => [0, 0, 0]);
    expect(empty.every(Number.isFinite)).toBe(true);
    for (const { relevancy: value } of ranked(empty)) expect(value).toBeLessThan(0.01);
  });

  it('looks at the middle of a tile first', async () => {
    const ball = await encodeTile((row, col) =>
      Math.hypot(row - side / 2, col - side / 2) < side / 3 ? [30, 60, 200] : [150, 100, 60],
    );
    const order = ranked(ball);
    expect(order.slice(0, 2).map(({ colour }) => colour)).toEqual(['blue', 'brown']);
  });

  it('does not answer to a colour that fills a corner only', async () => {
    const corner = await encodeTile((row, col) => (row < side / 4 && col < side / 4 ? [255, 0, 0] : [128, 128, 128]));
    expect(ranked(corner).find(({ colour }) => colour === 'red')!.relevancy).toBeLessThan(0.1);
  });
});

describe('texts', () => {
  const same = async (a: string, b: string) => {
    const pair = await encoder.encodeTexts([a, b]);
    return cosine(pair.subarray(0, encoder.dim), pair, 1);
  };

  it('every word is a vector of its colour', async () => {
    for (const [row, colour] of colours.entries())
      for (const word of palette[colour].words)
        expect(cosine((await encoder.encodeTexts([word])).subarray(0, encoder.dim), texts, row)).toBeGreaterThan(0.999);
  });

  it('a colour with a noun is the colour; case, hyphens and punctuation do not matter', async () => {
    expect(await same('red ball', 'red')).toBeGreaterThan(0.999);
    expect(await same('The Red-Ball!', 'red')).toBeGreaterThan(0.999);
    expect(await same('a photo of a green cup', 'green')).toBeGreaterThan(0.999);
    expect(await same('red ball', 'blue ball')).toBeLessThan(0.01);
  });

  it('words that are no colours, and no words at all, are answered with no', async () => {
    const unknown = await encoder.encodeTexts(['hippopotamus', '', 'old wall clock']);
    const red = await encodeTile(() => [220, 20, 30]);
    for (const row of [0, 1, 2]) expect(relevancy(red, unknown, row)).toBeLessThan(0.05);
  });

  it('canonical phrases share one direction, away from every colour', () => {
    for (let row = 0; row < colours.length; row++)
      expect(cosine(canonical.subarray(0, encoder.dim), texts, row)).toBeLessThan(1e-6);
    expect(cosine(canonical.subarray(0, encoder.dim), canonical, 3)).toBeCloseTo(1, 6);
  });
});
