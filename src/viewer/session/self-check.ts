/**
 * Whether a GPU shows what the CPU does: a small picture of the scene itself, with relevancies in every language field.
 * Drivers that compute wrongly do so everywhere, not here and there, so few rays are enough.
 */
import type { Engine, PhraseQuery, RayBundle, RenderRequest, RenderResult } from '../../engines/engine.ts';
import type { Run } from '../../field/run.ts';
import { frameRays } from '../../math/rays.ts';
import { resizeCamera } from '../../math/views.ts';

const size = { width: 24, height: 18 };
/** Scales of a phrase in the check: a small thing and a large one. */
const scales = [0.3, 0.9];

/**
 * What two engines in float32 may differ by. Single rays may: a sample more or less on a thin edge changes them.
 * Depth is a median and moves in whole samples.
 */
const gates = {
  rgb: { mean: 0.005, single: 0.05, share: 0.02 },
  accumulation: { mean: 0.005, single: 0.05, share: 0.02 },
  relevancy: { mean: 0.005, single: 0.05, share: 0.02 },
  depth: { mean: 0.05, single: 0.02, share: 0.1 },
} as const;
const kinds = ['rgb', 'accumulation', 'depth', 'relevancy'] as const;

export interface CheckView {
  rays: RayBundle;
  requests: RenderRequest[];
}

/** The first photo's view and the run's canonical phrases: what is there without any encoder. */
export function checkView({ photos, config, canonicalEmbeddings }: Run): CheckView | undefined {
  if (photos.length === 0) return undefined;
  const camera = resizeCamera(photos[0].camera, size.width, size.height);
  const { origin, directions } = frameRays(camera);
  const count = size.width * size.height;
  const origins = Float32Array.from({ length: 3 * count }, (_, i) => origin[i % 3]);
  const queries: PhraseQuery[] = [];
  if (canonicalEmbeddings)
    for (const [field, { clipDim }] of config.scene.languages.entries()) {
      const phrase = canonicalEmbeddings.subarray(0, clipDim);
      // A phrase and its opposite: low and high relevancies.
      const positives = Float32Array.of(...phrase, ...phrase.map((value) => -value));
      queries.push({
        field,
        positives,
        negatives: canonicalEmbeddings,
        scales: Float32Array.from(scales),
        mode: 'sweep',
      });
    }
  const plain = { appearance: true };
  const asked = queries.map((query) => ({ appearance: false, query }));
  return { rays: { count, origins, directions: Float32Array.from(directions) }, requests: [plain, ...asked] };
}

/** What differs, in a few words; undefined when the GPU can be trusted. */
export async function findDisagreement(
  gpu: Engine,
  cpu: Engine,
  { rays, requests }: CheckView,
): Promise<string | undefined> {
  for (const request of requests) {
    const [found, wanted] = await Promise.all([gpu.render(rays, request), cpu.render(rays, request)]);
    for (const kind of kinds) {
      const difference = compare(kind, found[kind], wanted[kind]);
      if (difference !== undefined) return difference;
    }
  }
  return undefined;
}

function compare(
  kind: (typeof kinds)[number],
  found: RenderResult['rgb'],
  wanted: RenderResult['rgb'],
): string | undefined {
  if (found?.length !== wanted?.length) return `${kind} has ${found?.length ?? 'no'} numbers, not ${wanted?.length}`;
  if (!found || !wanted || wanted.length === 0) return undefined;
  const gate = gates[kind];
  let [sum, off] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    const unit = kind === 'depth' ? Math.max(Math.abs(wanted[i]), 1e-6) : 1;
    const difference = Math.abs(found[i] - wanted[i]) / unit;
    // One wild depth says no more than that its ray moved; a number that is none counts as far off.
    sum += Number.isFinite(difference) ? Math.min(difference, 1) : 1;
    if (!(difference <= gate.single)) off++;
  }
  const [mean, share] = [sum / wanted.length, off / wanted.length];
  if (mean <= gate.mean && share <= gate.share) return undefined;
  return `${kind} differs by ${mean.toPrecision(2)} on average, in ${Math.ceil(100 * share)} % of the rays by much`;
}
