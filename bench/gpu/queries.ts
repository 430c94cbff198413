/**
 * Queries of a view on the GPU: a picture, one phrase with its scale kept, a sweep over all scales, and the coarse choice
 * of scale with how often it differs from the exhaustive one. Two scenes of random parameters: a hazy one, in which every
 * sample of a ray carries weight – the most work there can be – and an opaque one, in which rays end at surfaces as
 * they do in a trained scene.
 */
import type { OpenDevice } from '../../src/engines/webgpu/device.ts';
import { Recorder } from '../../src/engines/webgpu/recorder.ts';
import { RenderParameters } from '../../src/engines/webgpu/render-parameters.ts';
import { RayRenderer } from '../../src/engines/webgpu/render-rays.ts';
import type { PhraseQuery, RayBundle } from '../../src/engines/engine.ts';
import { describeParameters, type ParameterInfo } from '../../src/field/parameters.ts';
import { randomNormal } from '../../src/math/random.ts';
import { type FrameRays, frameRays } from '../../src/math/rays.ts';
import { viewCamera } from '../../src/math/views.ts';
import type { TableStorage } from '../../src/ops/hash-grid/hash-grid.wgsl.ts';
import type { GpuArray } from '../../src/ops/wgsl/elements.ts';
import { chooseScalesCoarsely, scaleAgreement, scalePeaks } from '../../src/query/coarse-scales.ts';
import { raysOfPixels } from '../../src/query/view-scales.ts';
import { median } from '../measure.ts';
import { fillUniformKernel } from './fill.wgsl.ts';
import type { BenchSize } from './sizes.ts';

export type SceneKind = 'hazy' | 'opaque';

export interface QueryRow {
  label: string;
  milliseconds: number;
  framesPerSecond: number;
}

export interface QueryFigures {
  rows: QueryRow[];
  /** Samples per ray that the language field was evaluated on. */
  samplesPerRay?: number;
  agreement?: { phrases: number; differing: number; coarseDiffering: number; largestLoss: number };
}

/** How far a parameter's numbers reach; opaque scenes have densities from next to nothing to thousands. */
function reachOf({ name, init }: ParameterInfo, kind: SceneKind): number {
  if (name.includes('grid')) return 1;
  const bound = init.kind === 'uniform' || init.kind === 'uniform-sum' ? init.bound : 0.5;
  const densityHead = /^(radiance\.density|proposal\.\d+\.mlp)\.1\.weight$/.test(name);
  return densityHead && kind === 'opaque' ? 8 * bound : bound;
}

export async function benchScene(
  opened: OpenDevice,
  recorder: Recorder,
  { config }: BenchSize,
  kind: SceneKind,
): Promise<RenderParameters> {
  const scene = await RenderParameters.create(opened, config, undefined);
  describeParameters(config).forEach((info, index) => {
    const reach = reachOf(info, kind);
    const whole = scene.tensor(info.name);
    const arrays: readonly GpuArray<TableStorage>[] = whole ? [whole] : scene.grid(info.name).map(({ table }) => table);
    for (const values of arrays)
      recorder.dispatch(fillUniformKernel(values.scalar), {
        params: { length: values.length, seed: 100 + index, low: -reach, high: reach },
        buffers: { values },
      });
  });
  await recorder.finish();
  return scene;
}

/** The rays of a view from inside the scene. */
function viewRays({ width, height }: BenchSize): FrameRays {
  return frameRays(viewCamera(Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0.2), width, height, 60));
}

/** Unit vectors that stand for phrases. */
function phraseVectors(count: number, dim: number, seed: number): Float32Array {
  const vectors = Float32Array.from({ length: count * dim }, (_, i) => randomNormal(seed, 5, i));
  for (let row = 0; row < count; row++) {
    const own = vectors.subarray(row * dim, (row + 1) * dim);
    const length = Math.hypot(...own);
    own.forEach((v, i) => {
      own[i] = v / length;
    });
  }
  return vectors;
}

/** Phrases whose scale is chosen both ways. */
const comparedPhrases = 8;

export interface QueryOptions {
  /** Timed frames of each kind. */
  repeats: number;
  /** The sweep over every pixel, which is the slow part. */
  exhaustive: boolean;
  /** Whether there is time for more. */
  goesOn: () => boolean;
}

export class QueryBench {
  readonly #renderer: RayRenderer;
  readonly #size: BenchSize;
  readonly #frame: FrameRays;
  readonly #rays: RayBundle;
  readonly #scales: Float32Array;
  readonly #rows: QueryRow[] = [];

  constructor(renderer: RayRenderer, size: BenchSize) {
    this.#renderer = renderer;
    this.#size = size;
    this.#frame = viewRays(size);
    this.#rays = raysOfPixels(
      this.#frame,
      Uint32Array.from({ length: size.width * size.height }, (_, i) => i),
    );
    this.#scales = Float32Array.from({ length: size.scales }, (_, i) => (1.5 * i) / Math.max(1, size.scales - 1));
  }

  #query(phrases: number, mode: PhraseQuery['mode']): PhraseQuery {
    const { clipDim } = this.#size.config.languages[0];
    const scales =
      mode === 'sweep' ? this.#scales : new Float32Array(phrases).fill(this.#scales[this.#scales.length >> 1]);
    return {
      field: 0,
      positives: phraseVectors(phrases, clipDim, 1),
      negatives: phraseVectors(4, clipDim, 2),
      scales,
      mode,
    };
  }

  /** Median of `repeats` after one that compiles. */
  async #time(label: string, repeats: number, frame: () => Promise<unknown>): Promise<void> {
    await frame();
    const times: number[] = [];
    for (let i = 0; i < repeats; i++) {
      const start = performance.now();
      await frame();
      times.push(performance.now() - start);
    }
    const milliseconds = median(times);
    this.#rows.push({ label, milliseconds, framesPerSecond: 1000 / milliseconds });
  }

  async #frames(label: string, phrases: number, mode: PhraseQuery['mode'], repeats: number): Promise<void> {
    const plan = await this.#renderer.plan(this.#query(phrases, mode));
    try {
      await this.#time(label, repeats, () => this.#renderer.renderPlanned(this.#rays, { appearance: true, plan }));
    } finally {
      plan.free();
    }
  }

  async #chooseCoarsely(phrases: number) {
    const plan = await this.#renderer.plan(this.#query(phrases, 'sweep'));
    const sweep = async (pixels: Uint32Array) => {
      const { relevancy } = await this.#renderer.renderPlanned(raysOfPixels(this.#frame, pixels), {
        appearance: false,
        plan,
      });
      if (!relevancy) throw new Error('the renderer left out relevancy');
      return relevancy;
    };
    try {
      return await chooseScalesCoarsely(this.#size, sweep, this.#size.scales, phrases);
    } finally {
      plan.free();
    }
  }

  /** Of several phrases, how often the coarse choice differs. */
  async #compare(): Promise<QueryFigures['agreement']> {
    const query = this.#query(comparedPhrases, 'sweep');
    const { relevancy } = await this.#renderer.render(this.#rays, { appearance: false, query });
    if (!relevancy) throw new Error('the renderer left out relevancy');
    const choices = await this.#chooseCoarsely(comparedPhrases);
    return scaleAgreement(choices, scalePeaks(relevancy, this.#size.scales, comparedPhrases));
  }

  async run({ repeats, exhaustive, goesOn }: QueryOptions): Promise<QueryFigures> {
    const { width, height, scales } = this.#size;
    const view = `${width}×${height}`;
    const figures: QueryFigures = { rows: this.#rows };
    await this.#time(`${view}: picture and depth`, repeats, () =>
      this.#renderer.render(this.#rays, { appearance: true }),
    );
    if (!goesOn()) return figures;
    const before = this.#renderer.samplesListed;
    await this.#frames(`${view}: picture and one phrase, scale kept`, 1, 'kept', repeats);
    figures.samplesPerRay = (this.#renderer.samplesListed - before) / ((repeats + 1) * this.#rays.count);
    const steps = [
      () => this.#frames(`${view}: picture and 16 phrases, one scale kept`, 16, 'kept', repeats),
      () => this.#time(`choice of ${scales} scales, coarse then exact`, repeats, () => this.#chooseCoarsely(1)),
      () => this.#frames(`${view}: picture and one phrase, all ${scales} scales`, 1, 'sweep', 1),
      async () => {
        figures.agreement = await this.#compare();
      },
    ];
    for (const step of exhaustive ? steps : steps.slice(0, 2)) {
      if (!goesOn()) break;
      await step();
    }
    return figures;
  }
}

/** A scene, its renderer, all measurements; everything is freed. */
export async function measureQueries(
  opened: OpenDevice,
  size: BenchSize,
  kind: SceneKind,
  options: QueryOptions,
): Promise<QueryFigures> {
  const recorder = new Recorder(opened);
  const scene = await benchScene(opened, recorder, size, kind);
  try {
    const renderer = await RayRenderer.create(opened, scene, recorder, { rays: size.width * size.height });
    try {
      return await new QueryBench(renderer, size).run(options);
    } finally {
      renderer.free();
    }
  } finally {
    scene.free();
  }
}
