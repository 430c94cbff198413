/**
 * Whether this adapter renders what the float64 reference does, before anything is said about its speed: pictures, depth
 * and relevancy of a small scene, wide enough on hardware to go through the same dense kernels as the large ones.
 */
import type { RenderResult } from '../../src/engines/engine.ts';
import { livelyParameters, phraseQuery, raysInside } from '../../src/engines/parity-scene.fixture.ts';
import { ReferenceEngine } from '../../src/engines/reference/reference-engine.ts';
import type { OpenDevice } from '../../src/engines/webgpu/device.ts';
import { Recorder } from '../../src/engines/webgpu/recorder.ts';
import { RenderParameters } from '../../src/engines/webgpu/render-parameters.ts';
import { RayRenderer } from '../../src/engines/webgpu/render-rays.ts';
import type { SceneConfig } from '../../src/field/config.ts';
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
  const [rays, wanted] = [raysInside(count), { appearance: true, query: phraseQuery(config) }];
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
