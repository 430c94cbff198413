/**
 * Answers phrases in one view (spec §3.3): one relevancy map per phrase at the scale that shows it best.
 *
 * The exhaustive choice renders every phrase at 30 scales in a single pass and keeps all maps until the winner is
 * known (savings A14: no second pass, the same winner as the original's two). Only when those maps would not fit the
 * memory budget does it keep their peaks and render the winners again. With kept scales there is no choice: every
 * phrase is rendered at its own scale, as when a camera moves.
 */
import type { Engine, PhraseQuery, RenderResult } from '../engines/engine.ts';
import type { Camera } from '../math/camera.ts';
import { type FrameRays, frameRays } from '../math/rays.ts';
import { chooseScales } from '../ops/relevancy/relevancy.ts';
import { type Appearance, AppearanceCollector, type ChunkOptions, renderChunks } from './render-view.ts';
import type { TextVectors } from './text-vectors.ts';

/** linspace(0, 1.5, 30), fed to the network as they are. */
export const sweepScales: Float32Array = Float32Array.from({ length: 30 }, (_, i) => (1.5 * i) / 29);

/** A phrase is found where its relevancy exceeds that of the best canonical phrase. */
export const foundAbove = 0.5;

export interface PhraseAnswer {
  phrase: string;
  scale: number;
  /** [height, width] in (0, 1) at that scale */
  relevancy: Float32Array;
  peak: Peak;
  found: boolean;
  /** [scales of the sweep] the largest relevancy in the view at each of them; absent when the scale was kept. */
  curve?: Float32Array;
}

export interface Peak {
  relevancy: number;
  row: number;
  col: number;
  /** Scene units along the ray. */
  depth: number;
  /** Point in the scene frame. */
  position: [number, number, number];
}

export interface FieldAnswer {
  /** Name of the language field. */
  field: string;
  phrases: PhraseAnswer[];
}

export interface ViewAnswer extends Appearance {
  fields: FieldAnswer[];
}

export interface AnswerOptions extends ChunkOptions {
  /** Scale of every phrase, per field in the order of `fields`; the exhaustive choice unless given. */
  keptScales?: readonly (readonly number[])[];
  /** Most bytes of sweep maps that are kept; 1 GiB unless given. */
  mapBudget?: number;
}

/** @param fields indices of language fields of the scene */
export async function answerView(
  engine: Engine,
  camera: Camera,
  texts: TextVectors,
  fields: readonly number[],
  options: AnswerOptions = {},
): Promise<ViewAnswer> {
  const view = new ViewQuery(engine, camera, texts, options);
  const answers: FieldAnswer[] = [];
  for (const [index, field] of fields.entries()) {
    const kept = options.keptScales?.[index];
    const maps = kept ? await view.renderKept(field, Float32Array.from(kept)) : await view.sweep(field);
    const phrases = texts.phrases.map((phrase, i) => ({
      ...view.describe(phrase, maps.scales[i], maps.relevancy[i]),
      ...(maps.curves && { curve: maps.curves[i] }),
    }));
    answers.push({ field: engine.config.languages[field].name, phrases });
  }
  return { ...view.appearance(), fields: answers };
}

/** One map per phrase. */
interface ChosenMaps {
  scales: Float32Array;
  /** phrases × [pixels] */
  relevancy: Float32Array[];
  /** phrases × [scales], after a sweep */
  curves?: Float32Array[];
}

/** The rays of one view and what has been rendered of it; rgb and depth come with the first pass. */
class ViewQuery {
  private readonly rays: FrameRays;
  private readonly collector: AppearanceCollector;
  private seen = false;
  private readonly engine: Engine;
  private readonly camera: Camera;
  private readonly texts: TextVectors;
  private readonly options: AnswerOptions;

  constructor(engine: Engine, camera: Camera, texts: TextVectors, options: AnswerOptions) {
    this.engine = engine;
    this.camera = camera;
    this.texts = texts;
    this.options = options;
    this.rays = frameRays(camera);
    this.collector = new AppearanceCollector(camera);
  }

  appearance(): Appearance {
    return this.collector.picture;
  }

  async sweep(field: number): Promise<ChosenMaps> {
    const phrases = this.texts.phrases.length;
    const scales = sweepScales.length;
    const pixels = this.collector.picture.depth.length;
    const keepMaps = 4 * scales * phrases * pixels <= (this.options.mapBudget ?? 2 ** 30);
    // Without the maps, a "map" of one value per scale and phrase: the peak so far.
    const length = keepMaps ? pixels : 1;
    const maps = new Float32Array(scales * phrases * length).fill(keepMaps ? 0 : Number.NEGATIVE_INFINITY);
    await this.pass(field, sweepScales, 'sweep', (relevancy, first, count) => {
      for (let map = 0; map < scales * phrases; map++) {
        const part = relevancy.subarray(map * count, (map + 1) * count);
        if (keepMaps) maps.set(part, map * pixels + first);
        else for (const value of part) if (value > maps[map]) maps[map] = value;
      }
    });
    const peaks = keepMaps ? largestPerMap(maps, pixels) : maps;
    const curves = this.texts.phrases.map((_, phrase) =>
      sweepScales.map((_, scale) => peaks[scale * phrases + phrase]),
    );
    const choices = chooseScales(peaks, scales, phrases);
    const chosen = Float32Array.from(choices, ({ index }) => sweepScales[index]);
    if (!keepMaps) return { ...(await this.renderKept(field, chosen)), curves };
    const relevancy = choices.map(({ index }, phrase) => {
      const start = (index * phrases + phrase) * pixels;
      return maps.slice(start, start + pixels);
    });
    return { scales: chosen, relevancy, curves };
  }

  async renderKept(field: number, scales: Float32Array): Promise<ChosenMaps> {
    const relevancy = this.texts.phrases.map(() => new Float32Array(this.collector.picture.depth.length));
    await this.pass(field, scales, 'kept', (values, first, count) => {
      relevancy.forEach((map, phrase) => {
        map.set(values.subarray(phrase * count, (phrase + 1) * count), first);
      });
    });
    return { scales, relevancy };
  }

  private async pass(
    field: number,
    scales: Float32Array,
    mode: PhraseQuery['mode'],
    take: (relevancy: Float32Array, first: number, count: number) => void,
  ): Promise<void> {
    const { positives, negatives } = this.texts;
    const appearance = !this.seen;
    const visit = (result: RenderResult, first: number, count: number) => {
      if (appearance) this.collector.add(result, first);
      if (!result.relevancy) throw new Error('the engine left out relevancy');
      take(result.relevancy, first, count);
    };
    const query: PhraseQuery = { field, positives, negatives, scales, mode };
    await renderChunks(this.engine, this.rays, { appearance, query }, visit, this.options);
    this.seen = true;
  }

  describe(phrase: string, scale: number, relevancy: Float32Array): PhraseAnswer {
    const peak = this.peakOf(relevancy);
    return { phrase, scale, relevancy, peak, found: peak.relevancy > foundAbove };
  }

  private peakOf(relevancy: Float32Array): Peak {
    let pixel = 0;
    for (let i = 1; i < relevancy.length; i++) if (relevancy[i] > relevancy[pixel]) pixel = i;
    const depth = this.collector.picture.depth[pixel];
    const along = (axis: 0 | 1 | 2) => this.rays.origin[axis] + depth * this.rays.directions[3 * pixel + axis];
    return {
      relevancy: relevancy[pixel],
      row: Math.floor(pixel / this.camera.width),
      col: pixel % this.camera.width,
      depth,
      position: [along(0), along(1), along(2)],
    };
  }
}

/** [maps] of [maps, pixels]; NaN is never the largest. */
function largestPerMap(maps: Float32Array, pixels: number): Float32Array {
  const largest = new Float32Array(maps.length / pixels).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0, map = 0; map < largest.length; map++)
    for (const end = i + pixels; i < end; i++) if (maps[i] > largest[map]) largest[map] = maps[i];
  return largest;
}
