/** CLIP embeddings as colours, on engines that really render them: a field of 512 numbers, in float32 and in float64. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, RenderRequest } from '../../engines/engine.ts';
import { livelyParameters, testScene } from '../../engines/parity-scene.fixture.ts';
import { ReferenceEngine } from '../../engines/reference/reference-engine.ts';
import { WasmEngine } from '../../engines/wasm/wasm-engine.ts';
import { componentShares, principalComponents } from '../../math/principal-components.ts';
import { viewCamera } from '../../math/views.ts';
import { nodePlatform } from '../../platform/node/index.ts';
import { renderEmbeddings } from './embeddings.ts';
import { FeatureColours } from './feature-colours.ts';

const dim = 512;
const scene = testScene();
const config = { ...scene, languages: [{ ...scene.languages[0], clipDim: dim }] };
const parameters = livelyParameters(config);
const camera = viewCamera(Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0), 12, 9, 60);
const wanted = { kind: 'clip', field: 0, scale: 0.4 } as const;
const colours = (engine: Engine, more: Partial<typeof wanted> = {}) =>
  new FeatureColours().render(engine, camera, { ...wanted, ...more }, {});
let engine: WasmEngine;
let reference: ReferenceEngine;

beforeAll(async () => {
  engine = await WasmEngine.create(config, nodePlatform(), { threads: 1, parameters, raysPerStep: 1 });
  reference = new ReferenceEngine(config);
  await reference.writeParameters(parameters);
});
afterAll(() => engine.close());

/** An engine that writes down what it is asked, and how much it answers. */
function watched(own: Engine) {
  const calls: { request: RenderRequest; floats: number }[] = [];
  const render: Engine['render'] = async (rays, request) => {
    const result = await own.render(rays, request);
    calls.push({ request, floats: result.projections?.length ?? 0 });
    return result;
  };
  return { calls, engine: { ...own, config, render } as Engine };
}

describe('CLIP embeddings as colours', () => {
  it('are where the embeddings lie along their principal components', async () => {
    const embeddings = await renderEmbeddings(reference, camera, 0, wanted.scale, {});
    expect(embeddings.length).toBe(12 * 9 * dim);
    for (let row = 0; row < embeddings.length; row += dim)
      expect(Math.hypot(...embeddings.subarray(row, row + dim))).toBeCloseTo(1, 5);
    const expected = componentShares(embeddings, principalComponents(embeddings, dim));
    const found = (await colours(engine))!;
    expect(found.length).toBe(expected.length);
    expect(new Set(expected).size).toBeGreaterThan(150);
    found.forEach((share, i) => {
      expect(Math.abs(share - expected[i])).toBeLessThan(2e-3);
    });
  });

  it('cost three numbers per ray once the components are known, which stay as they are', async () => {
    const { calls, engine: own } = watched(engine);
    const features = new FeatureColours();
    const first = await features.render(own, camera, wanted, {});
    const probes = calls.splice(0);
    expect(probes.map(({ floats }) => floats)).toEqual([256 * 108, 256 * 108, 3 * 108]);
    // A view that is turned by some pixels: the same place has the same colour.
    const turned = { ...camera, cx: camera.cx - 4 };
    const moved = await features.render(own, turned, wanted, {});
    expect(calls.map(({ floats }) => floats)).toEqual([3 * 108]);
    const pixel = 4 * 12 + 7;
    for (let c = 0; c < 3; c++) expect(moved![3 * (pixel - 4) + c]).toBeCloseTo(first![3 * pixel + c], 4);
    features.forget();
    await features.render(own, turned, wanted, {});
    expect(calls).toHaveLength(4);
  });

  it('are others at another scale, and can be given up while they are looked for', async () => {
    expect(await colours(engine, { scale: 1.2 as 0.4 })).not.toEqual(await colours(engine));
    const { calls, engine: own } = watched(engine);
    const given = new FeatureColours().render(own, camera, wanted, {
      chunkRays: 50,
      onRays: () => {
        throw new Error('given up');
      },
    });
    await expect(given).rejects.toThrow('given up');
    expect(calls).toHaveLength(1);
  });
});
