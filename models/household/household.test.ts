/**
 * The built-in encoder, used as a user's run uses it, on scenes that nothing was trained on. The floors are well under
 * the measured accuracy (metrics.json, on many more tiles): they catch a broken encoder, not a bad day.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageTextEncoder } from '../../src/encoders/encoder.ts';
import { openEncoder } from '../../src/encoders/onnx-encoder.ts';
import { loadNodeRuntime, nodePlatform } from '../../src/node.ts';
import { drawFrom } from '../../src/scenes/draw.ts';
import { renderView } from '../../src/scenes/render-view.ts';
import { SceneMesh } from '../../src/scenes/scene-mesh.ts';
import { thingKinds } from '../../src/scenes/things/index.ts';
import { randomScene } from './random-scene.ts';
import { sampleTiles, type Tile, tileKinds, tileSize } from './sample-tiles.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const nouns = thingKinds.map(({ noun }) => noun);
let encoder: ImageTextEncoder;
beforeAll(async () => {
  encoder = await openEncoder(folder, nodePlatform().files, await loadNodeRuntime());
});
afterAll(() => encoder.close());

/** Dot products of unit vectors: [rows of a][rows of b]. */
function cosines(a: Float32Array, b: Float32Array): number[][] {
  const { dim } = encoder;
  const rows = (values: Float32Array) =>
    Array.from({ length: values.length / dim }, (_, row) => values.subarray(row * dim, (row + 1) * dim));
  return rows(a).map((left) => rows(b).map((right) => left.reduce((sum, value, i) => sum + value * right[i], 0)));
}

const indexOfMost = (values: readonly number[]) => values.indexOf(Math.max(...values));

describe('on things that it has not seen', () => {
  const tiles: { tile: Tile; noun: string; part?: string }[] = [];
  let found: number[][];
  let generic: number[][];
  beforeAll(async () => {
    // Far beyond the scenes of the training data.
    for (const index of Array.from({ length: 12 }, (_, k) => 900_001 + k)) {
      const scene = randomScene(index);
      const mesh = new SceneMesh(scene);
      for (const [view, camera] of scene.cameras.entries()) {
        const picture = renderView(mesh, scene, camera, { samples: 2, seed: index + view });
        for (const tile of sampleTiles(picture, camera, scene, mesh, drawFrom(index, view))) {
          const [{ instance, part, weight }] = tile.entities;
          if (weight > 0.9) tiles.push({ tile, noun: scene.things[instance - 1].thing.noun, part: part?.name });
        }
      }
    }
    const data = new Uint8Array(tiles.length * tileSize * tileSize * 3);
    for (const [index, { tile }] of tiles.entries()) data.set(tile.rgb, index * tileSize * tileSize * 3);
    const images = await encoder.encodeImages({ count: tiles.length, side: tileSize, data });
    found = cosines(images, await encoder.encodeTexts(nouns));
    generic = cosines(images, await encoder.encodeTexts(encoder.canonicalPhrases));
  });
  /** As training/measure.py calls them clear. */
  const whole = () =>
    [...tiles.entries()].filter(
      ([, { tile, part }]) =>
        tile.kind === tileKinds.thing && part === undefined && tile.side >= 32 && tile.seen >= 0.85,
    );

  it('names things that can be seen well among all nouns', () => {
    const right = whole().filter(([index, { noun }]) => nouns[indexOfMost(found[index])] === noun);
    expect(whole().length).toBeGreaterThan(60);
    expect(right.length / whole().length).toBeGreaterThan(0.75);
  });

  it('puts the canonical phrases between right and wrong nouns', () => {
    let [above, below, wrong] = [0, 0, 0];
    for (const [index, { noun }] of whole())
      for (const [other, name] of nouns.entries()) {
        const margin = found[index][other] - Math.max(...generic[index]);
        if (name === noun) above += margin > 0 ? 1 : 0;
        else {
          wrong++;
          below += margin < 0 ? 1 : 0;
        }
      }
    expect(above / whole().length).toBeGreaterThan(0.8);
    expect(below / wrong).toBeGreaterThan(0.95);
  });

  it('takes stuff for stuff', () => {
    const stuff = [...tiles.entries()].filter(([, { tile }]) => tile.kind === tileKinds.stuff);
    const names = thingKinds.filter((kind) => kind.stuff).map(({ noun }) => noun);
    const right = stuff.filter(([index]) => names.includes(nouns[indexOfMost(found[index])]));
    expect(right.length / stuff.length).toBeGreaterThan(0.85);
  });
});

describe('phrases', () => {
  const similarity = async (a: string, b: string) => {
    const vectors = await encoder.encodeTexts([a, b]);
    return cosines(vectors.subarray(0, encoder.dim), vectors.subarray(encoder.dim))[0][0];
  };

  it('without a known word mean "object"', async () => {
    expect(await similarity('zebra', 'object')).toBeGreaterThan(0.9999);
    expect(encoder.unknownWords!('a striped zebra')).toEqual(['striped', 'zebra']);
    expect(encoder.unknownWords!('the red mug')).toEqual([]);
  });

  it('leave unknown words and articles out', async () => {
    expect(await similarity('the zyxomma mug', 'mug')).toBeGreaterThan(0.9999);
  });

  it('of one meaning lie together, of others apart', async () => {
    expect(await similarity('mug', 'coffee mug')).toBeGreaterThan(0.9);
    expect(await similarity('mug', 'teddy bear')).toBeLessThan(0.6);
    expect(await similarity('mug handle', 'handle of the mug')).toBeGreaterThan(0.9);
    expect(await similarity('red mug', 'blue mug')).toBeLessThan(0.95);
  });

  it('cover every noun and part of the scenes', () => {
    const known = new Set(encoder.vocabulary);
    for (const { noun, synonyms, parts } of thingKinds) {
      for (const word of [noun, ...synonyms]) expect(known, word).toContain(word);
      for (const part of parts) expect(known, `${noun} ${part}`).toContain(`${noun} ${part}`);
    }
  });
});

describe('the folder', () => {
  it('is at most 8 MB and says what was measured', () => {
    const size = readdirSync(folder)
      .filter((name) => /\.(onnx|json)$/.test(name))
      .reduce((sum, name) => sum + statSync(`${folder}/${name}`).size, 0);
    expect(size).toBeLessThan(8e6);
    expect(JSON.parse(readFileSync(`${folder}/metrics.json`, 'utf8'))).toBeTypeOf('object');
  });

  it('offers dense features', async () => {
    const photo = { width: 64, height: 48, rgb: new Uint8Array(64 * 48 * 3).fill(90) };
    const { rows, cols, features } = await encoder.dense!.encodePhoto(photo);
    expect(features.length).toBe(rows * cols * encoder.dense!.dim);
    expect(features.every(Number.isFinite)).toBe(true);
  });

  it('keeps dense features small beside unit embeddings, so that they do not drown the CLIP loss', async () => {
    const ramp = Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => (i * 7 + Math.floor(i / 576) * 31) % 256);
    const { rows, cols, features } = await encoder.dense!.encodePhoto({ width: 64, height: 48, rgb: ramp });
    const length = Math.sqrt(features.reduce((sum, value) => sum + value * value, 0) / (rows * cols));
    expect(length).toBeGreaterThan(0.003);
    expect(length).toBeLessThan(0.2);
  });
});
