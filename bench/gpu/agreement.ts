/**
 * Whether this adapter renders what the float64 reference does, before anything is said about its speed: pictures, depth
 * and relevancy of a small scene, wide enough on hardware to go through the same dense kernels as the large ones.
 */
import type { RayBundle, RenderResult, TensorMap } from '../../src/engines/engine.ts';
import { ReferenceEngine } from '../../src/engines/reference/reference-engine.ts';
import type { OpenDevice } from '../../src/engines/webgpu/device.ts';
import { Recorder } from '../../src/engines/webgpu/recorder.ts';
import { RenderParameters } from '../../src/engines/webgpu/render-parameters.ts';
import { RayRenderer } from '../../src/engines/webgpu/render-rays.ts';
import type { SceneConfig } from '../../src/field/config.ts';
import { initialParameters } from '../../src/field/initialise.ts';
import { randomNormal } from '../../src/math/random.ts';
import { randomRays } from '../scene.ts';
import { benchSize } from './sizes.ts';

/** Largest difference of colours, accumulation and relevancy; share of rays whose depth lies in another sample. */
const gates = { value: 2e-3, movedDepths: 0.02 };

export interface Agreement {
  rays: number;
  rgb: number;
  accumulation: number;
  relevancy: number;
  movedDepths: number;
}

function agreementScene(wide: boolean): SceneConfig {
  const { config } = benchSize('tiny');
  const widths = wide ? { hiddenWidth: 128, hiddenLayers: 3, clipDim: 192 } : {};
  return { ...config, languages: config.languages.map((language) => ({ ...language, ...widths })) };
}

/** Grids as far from zero as trained ones. */
function livelyParameters(config: SceneConfig): TensorMap {
  const parameters = initialParameters(config, 5);
  for (const [name, values] of parameters)
    if (name.includes('grid'))
      for (let i = 0; i < values.length; i++) values[i] = 0.6 * randomNormal(11, name.length, i);
  return parameters;
}

function raysInside(count: number): RayBundle {
  const rays = randomRays(count, 3);
  return { ...rays, origins: rays.origins.map((value) => value * 0.3) };
}

function request({ languages: [{ clipDim }] }: SceneConfig) {
  const texts = Float32Array.from({ length: 7 * clipDim }, (_, i) => randomNormal(12, 1, i) / Math.sqrt(clipDim));
  const scales = Float32Array.of(0, 0.7, 1.5);
  const [positives, negatives] = [texts.subarray(0, 3 * clipDim), texts.subarray(3 * clipDim)];
  return { appearance: true, query: { field: 0, positives, negatives, scales, mode: 'sweep' as const } };
}

/** NaN anywhere makes it infinite. */
function largestDifference(
  actual: Float32Array = new Float32Array(),
  wanted: Float32Array = new Float32Array(),
): number {
  if (actual.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < wanted.length; i++) {
    const difference = Math.abs(actual[i] - wanted[i]);
    largest = difference <= largest ? largest : Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}

function compare(rays: number, actual: RenderResult, wanted: RenderResult): Agreement {
  const depths = wanted.depth ?? new Float32Array();
  const moved = depths.filter((depth, ray) => !(Math.abs((actual.depth?.[ray] ?? 0) - depth) <= 1e-3 * depth));
  return {
    rays,
    rgb: largestDifference(actual.rgb, wanted.rgb),
    accumulation: largestDifference(actual.accumulation, wanted.accumulation),
    relevancy: largestDifference(actual.relevancy, wanted.relevancy),
    movedDepths: moved.length / rays,
  };
}

/** @throws Error that names the differences when they are larger than float32 explains */
export async function measureAgreement(opened: OpenDevice): Promise<Agreement> {
  const count = opened.software ? 8 : 600;
  const config = agreementScene(!opened.software);
  const parameters = livelyParameters(config);
  const [rays, wanted] = [raysInside(count), request(config)];
  const reference = new ReferenceEngine(config);
  await reference.writeParameters(parameters);
  const expected = await reference.render(rays, wanted);
  const scene = await RenderParameters.create(opened, config, parameters);
  const renderer = await RayRenderer.create(opened, scene, new Recorder(opened), { rays: count });
  try {
    const agreement = compare(count, await renderer.render(rays, wanted), expected);
    const { rgb, accumulation, relevancy, movedDepths } = agreement;
    if (Math.max(rgb, accumulation, relevancy) > gates.value || movedDepths > gates.movedDepths)
      throw new Error(`the GPU does not agree with the reference: ${JSON.stringify(agreement)}`);
    return agreement;
  } finally {
    renderer.free();
    scene.free();
  }
}
