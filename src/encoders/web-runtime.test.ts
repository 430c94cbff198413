/** The encoder in the box through onnxruntime-web's WebAssembly, in Node: the vectors of onnxruntime-node within 1e-4. */
import { describe, expect, it } from 'vitest';
import { largestDifference } from '../../test/recorded-vits.ts';
import { nodePlatform } from '../platform/node/index.ts';
import type { InferenceRuntime } from './inference-runtime.ts';
import { loadNodeRuntime } from './node-runtime.ts';
import { openEncoder } from './onnx-encoder.ts';
import { loadWebRuntime } from './web-runtime.ts';

const platform = nodePlatform();

async function vectors(runtime: InferenceRuntime) {
  const encoder = await openEncoder(platform.packagePath('models/household'), platform.files, runtime, { threads: 1 });
  const side = 50;
  const tiles = Uint8Array.from({ length: 3 * 3 * side * side }, (_, i) => (i * 37 + (i >> 7)) % 256);
  const photo = { width: 90, height: 60, rgb: Uint8Array.from({ length: 3 * 90 * 60 }, (_, i) => (i * 13) % 256) };
  const result = {
    images: await encoder.encodeImages({ count: 3, side, data: tiles }),
    texts: await encoder.encodeTexts(['red mug', 'something to pour from', 'teapot spout']),
    dense: (await encoder.dense!.encodePhoto(photo)).features,
    identity: encoder.identity,
  };
  await encoder.close();
  return result;
}

describe('onnxruntime-web', () => {
  it('opens the same folder with the same results', async () => {
    const runtime = await loadWebRuntime();
    expect(runtime.device).toBe('wasm');
    const [web, node] = [await vectors(runtime), await vectors(await loadNodeRuntime())];
    expect(web.identity).toBe(node.identity);
    expect(largestDifference(web.images, node.images)).toBeLessThan(1e-4);
    expect(largestDifference(web.texts, node.texts)).toBeLessThan(1e-4);
    expect(largestDifference(web.dense, node.dense)).toBeLessThan(1e-4);
  });

  it('names what a graph lacks in its own words', async () => {
    const runtime = await loadWebRuntime({ device: 'wasm' });
    await expect(runtime.loadGraph(new Uint8Array(10), {})).rejects.toThrow();
    await expect(loadWebRuntime({ device: 'webgpu' })).rejects.toThrow(/there is no WebGPU here/);
  });
});
