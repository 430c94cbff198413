/**
 * Rendering of rays on a GPU into any of rgb, depth, accumulation, relevancy, projections and dense features, in evaluation mode: what
 * `Engine.render` asks for. It owns its intermediate arrays, not the parameters; nothing comes back to the CPU but the
 * results and, for a language field, how many samples of each block are worth looking at.
 */
import type { LanguageConfig } from '../../field/config.ts';
import { joinLinesKernel } from '../../ops/ray-sampling/sample-lists.wgsl.ts';
import type { RowSpace } from '../../ops/language-rendering/row-space.ts';
import type { PhraseQuery, ProjectionQuery, RayBundle, RenderRequest, RenderResult } from '../engine.ts';
import { queryOfProjections, requireCanonical } from '../projections.ts';
import { Arena, upload, viewOf } from './arena.ts';
import type { OpenDevice } from './device.ts';
import { fieldRowSpace, planQuery, type QueryPlan } from './query-plan.ts';
import type { Recorder } from './recorder.ts';
import { groupBlocks, LanguageRenderer, refuseForeignLanguage } from './render-language.ts';
import { type RenderArrays, renderRequests, renderSizes, type RenderSizes } from './render-memory.ts';
import { requireTensor, type SceneArrays } from './render-parameters.ts';
import { RadianceRenderer, type RayRange } from './render-radiance.ts';

export interface RayRendererOptions {
  /** Rays that are usually rendered at once; more go through in slices. */
  rays: number;
  /** Bytes of the intermediate arrays. */
  maxMemory?: number;
  /** Other sizes than those that `rays` suggests, for tests. */
  sizes?: Partial<RenderSizes>;
}

/** What is wanted of a slice. */
interface Wanted {
  appearance: boolean;
  plan?: QueryPlan;
  dinoField?: number;
}

export class RayRenderer {
  readonly sizes: RenderSizes;
  readonly #opened: OpenDevice;
  readonly #scene: SceneArrays;
  readonly #recorder: Recorder;
  readonly #arena: Arena;
  readonly #arrays: RenderArrays;
  readonly #radiance: RadianceRenderer;
  readonly #spaces = new Map<number, RowSpace>();
  #appearanceStale = true;
  #samplesListed = 0;

  private constructor(opened: OpenDevice, scene: SceneArrays, recorder: Recorder, arena: Arena, sizes: RenderSizes) {
    this.#opened = opened;
    this.#scene = scene;
    this.#recorder = recorder;
    this.#arena = arena;
    this.#arrays = arena.arrays as unknown as RenderArrays;
    this.sizes = sizes;
    this.#radiance = new RadianceRenderer(opened, scene, this.#arrays);
  }

  static async create(
    opened: OpenDevice,
    scene: SceneArrays,
    recorder: Recorder,
    { rays, maxMemory, sizes: given }: RayRendererOptions,
  ): Promise<RayRenderer> {
    refuseForeignLanguage(scene.config);
    const sizes = { ...renderSizes(scene.config, rays), ...given };
    const arena = await Arena.allocate(opened, renderRequests(scene.config, sizes), { maxMemory });
    return new RayRenderer(opened, scene, recorder, arena as unknown as Arena, sizes);
  }

  /** The parameters are no longer what they were. */
  markChanged(): void {
    this.#spaces.clear();
    this.#appearanceStale = true;
  }

  /** Bytes of the intermediate arrays. */
  get bytes(): number {
    return this.#arena.plan.totalBytes;
  }

  /** Samples that the language field was evaluated on since the renderer was made. */
  get samplesListed(): number {
    return this.#samplesListed;
  }

  free(): void {
    this.#arena.free();
  }

  /** Phrases prepared for any number of calls of `renderPlanned`; the caller frees the plan. */
  async plan(query: PhraseQuery): Promise<QueryPlan> {
    const config = this.#language(query.field);
    let space = this.#spaces.get(query.field);
    if (!space) {
      const last = requireTensor(this.#scene, `language.${config.name}.clip.${config.hiddenLayers}.weight`);
      this.#spaces.set(query.field, (space = fieldRowSpace(config, await this.#recorder.download(last))));
    }
    return planQuery(this.#opened, query, config, space);
  }

  async render(rays: RayBundle, { appearance, query, projections, dino }: RenderRequest): Promise<RenderResult> {
    if (query) requireCanonical(query);
    const plan = query && (await this.plan(query));
    try {
      const result = await this.renderPlanned(rays, { appearance, plan, dinoField: dino?.field });
      if (projections) result.projections = await this.#project(rays, projections);
      return result;
    } finally {
      plan?.free();
    }
  }

  #language(field: number): LanguageConfig {
    const config = this.#scene.config.languages[field];
    if (!config) throw new RangeError(`the scene has no language field ${field}`);
    return config;
  }

  /** [directions, rays] */
  async #project(rays: RayBundle, projections: ProjectionQuery): Promise<Float32Array | undefined> {
    const plan = await this.plan(queryOfProjections(projections, this.#language(projections.field).clipDim));
    try {
      return (await this.renderPlanned(rays, { appearance: false, plan })).relevancy;
    } finally {
      plan.free();
    }
  }

  /** `render` with a query that is already prepared: what a moving camera calls. */
  async renderPlanned(rays: RayBundle, { appearance, plan, dinoField }: Wanted): Promise<RenderResult> {
    const result: RenderResult = {};
    const first = plan ? { appearance, plan } : { appearance, dinoField };
    if (appearance || plan || dinoField !== undefined) await this.#renderSlices(rays, first, result);
    // Both kinds of results take the same array, so they take turns; a picture with both is rare.
    if (plan && dinoField !== undefined) await this.#renderSlices(rays, { appearance: false, dinoField }, result);
    return result;
  }

  #perRay({ plan, dinoField }: Wanted): number {
    if (plan) return plan.maps;
    return dinoField === undefined ? 0 : this.#scene.config.languages[dinoField].dinoDim;
  }

  async #renderSlices(rays: RayBundle, wanted: Wanted, result: RenderResult): Promise<void> {
    const perRay = this.#perRay(wanted);
    const fitting = perRay > 0 ? Math.floor(this.sizes.results / perRay) : this.sizes.rays;
    if (fitting === 0) throw new RangeError(`${perRay} results per ray do not fit; ask in several queries`);
    const step = Math.min(this.sizes.rays, fitting);
    if (wanted.appearance) {
      result.rgb = new Float32Array(rays.count * 3);
      result.depth = new Float32Array(rays.count);
      result.accumulation = new Float32Array(rays.count);
    }
    if (wanted.plan) result.relevancy = new Float32Array(rays.count * perRay);
    else if (wanted.dinoField !== undefined) result.dino = new Float32Array(rays.count * perRay);
    for (let first = 0; first < rays.count; first += step) {
      const slice = { first, count: Math.min(step, rays.count - first) };
      this.#uploadRays(rays, slice);
      await this.#renderSlice(slice.count, wanted);
      await this.#readSlice(slice, rays.count, wanted, result);
    }
  }

  #uploadRays({ origins, directions }: RayBundle, { first, count }: RayRange): void {
    const place = (name: 'origins' | 'directions', values: Float32Array) =>
      upload(
        this.#opened,
        viewOf(this.#opened, this.#arrays[name], 0, count * 3),
        values.subarray(3 * first, 3 * (first + count)),
      );
    place('origins', origins);
    place('directions', directions);
    const own = this.#arrays;
    this.#recorder.dispatch(joinLinesKernel, {
      params: { rays: count },
      buffers: { origins: own.origins, directions: own.directions, lines: own.lines },
    });
  }

  /** Rays 0 … count of the slice, whose lines are on the GPU. */
  async #renderSlice(count: number, wanted: Wanted): Promise<void> {
    const field = wanted.plan?.field ?? wanted.dinoField;
    const language =
      field === undefined
        ? undefined
        : new LanguageRenderer(this.#opened, this.#scene, this.#arrays, this.sizes, field);
    if (wanted.appearance && this.#appearanceStale) {
      this.#radiance.prepareAppearance(this.#recorder);
      this.#appearanceStale = false;
    }
    if (language) this.#recorder.clear(this.#arrays.counters);
    for (const part of partsOf(count, this.sizes.partRays)) {
      this.#radiance.sample(this.#recorder, part);
      language?.list(this.#recorder, part);
      if (wanted.appearance) this.#radiance.shade(this.#recorder, part);
    }
    if (!language) return;
    const counts = await this.#recorder.download(this.#arrays.counters);
    for (const points of counts) this.#samplesListed += points;
    const rows = Math.min(this.sizes.rows, this.#arrays.listWeights.length);
    for (const group of groupBlocks(partsOf(count, this.sizes.blockRays), counts, rows)) {
      language.encode(this.#recorder, group);
      if (wanted.plan) language.answer(this.#recorder, wanted.plan, group, count);
      else language.renderFeatures(this.#recorder, group);
    }
    await this.#recorder.submit();
  }

  async #readSlice({ first, count }: RayRange, total: number, wanted: Wanted, result: RenderResult): Promise<void> {
    const { rgb, depth, accumulation, results } = this.#arrays;
    const perRay = this.#perRay(wanted);
    const read = (array: typeof rgb, length: number) =>
      length > 0 ? this.#recorder.download(viewOf(this.#opened, array, 0, length)) : undefined;
    const shown = wanted.appearance ? count : 0;
    // All at once: every way back from the GPU takes as long as some thousand rays.
    const [colours, depths, sums, values] = await Promise.all([
      read(rgb, shown * 3),
      read(depth, shown),
      read(accumulation, shown),
      read(results, count * perRay),
    ]);
    if (colours && result.rgb) clampColours(colours, result.rgb.subarray(first * 3, (first + count) * 3));
    if (depths) result.depth?.set(depths, first);
    if (sums) result.accumulation?.set(sums, first);
    if (!values) return;
    if (!wanted.plan) result.dino?.set(values, first * perRay);
    else
      for (let map = 0; map < perRay; map++)
        result.relevancy?.set(values.subarray(map * count, (map + 1) * count), map * total + first);
  }
}

function partsOf(count: number, step: number): RayRange[] {
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => ({
    first: index * step,
    count: Math.min(step, count - index * step),
  }));
}

/** Colours as they are shown; the same as `displayColour`, NaN included, at the speed of a moving camera. */
function clampColours(rgb: Float32Array, shown: Float32Array): void {
  for (let i = 0; i < rgb.length; i++) {
    const value = rgb[i];
    shown[i] = value > 0 ? (value < 1 ? value : 1) : 0;
  }
}
