/**
 * Relevancy of a tile of rays for all phrases of a query (spec §3.2, §3.3; savings A1, A2, A6, A7, A14): the scale-free
 * part of the first layer once, then per scale the hidden layers, the norm through the triangular factor of G, and
 * dot products with the projected texts. No vector of the embedding's width is formed.
 */
import { maximumTexts } from '../engine.ts';
import { DenseBlock } from './dense-block.ts';
import type { LanguageTile } from './language-tile.ts';
import { type PackJob, segmentOf, type ThreadContext, valueAddress } from './thread-context.ts';

/** What the engine prepared for a query; addresses in shared memory. */
export interface QueryPlan {
  field: number;
  phrases: number;
  /** 0: the answers are projections onto the phrases' vectors, not relevancies. */
  canonical: number;
  /** Columns of the projected texts: phrases + canonical, padded to a multiple of 4. */
  textColumns: number;
  /** [h, textColumns] packed. */
  texts: number;
  /** [h, h] packed lower triangular factor of G. */
  factor: number;
  scales: number[];
  mode: 'sweep' | 'kept';
  /** Result: sweep [scales, phrases, outStride], kept [phrases, outStride]. */
  out: number;
  outStride: number;
}

/** Samples that together carry less than this share of a ray's weight per sample are not evaluated (A17). */
export const pruneShare = 1e-5;

/** Rows multiplied before their norms are taken: the products stay in the first-level cache. */
const normRows = 32;

export class LanguageQuery {
  private readonly context: ThreadContext;
  private readonly tile: LanguageTile;
  private readonly base: DenseBlock;
  private readonly scaleRow: number;
  private readonly first: number;
  private readonly hidden: number[];
  /** Second layer before its ReLU at the current scale of a sweep, and its slope over the scale, [n, h]. */
  private readonly second: number;
  private readonly slope: number;
  private readonly factored: number;
  private readonly norms: number;
  private readonly rayHidden: number;
  private readonly rayNorms: number;
  private readonly dots: number;
  private readonly scores: number;
  private readonly tileRays: number;

  constructor(context: ThreadContext, tile: LanguageTile, tileRays: number) {
    const { name, hiddenWidth, samples } = tile.config;
    const layer = `language.${name}.clip.0`;
    const n = tileRays * samples;
    const room = (count: number) => context.scratch.floats(count);
    this.context = context;
    this.tile = tile;
    this.tileRays = tileRays;
    this.base = new DenseBlock(context, layer, { inputs: tile.encoded, gradientInputs: 0 });
    const weight = segmentOf(context, `${layer}.weight`);
    this.scaleRow = valueAddress(context, weight) + tile.encoded * weight.paddedColumns * 4;
    this.first = room(n * hiddenWidth);
    this.hidden = [room(n * hiddenWidth), room(n * hiddenWidth)];
    this.second = room(n * hiddenWidth);
    this.slope = room(n * hiddenWidth);
    this.factored = room(normRows * hiddenWidth);
    this.norms = room(n);
    this.rayHidden = room(tileRays * hiddenWidth);
    this.rayNorms = room(tileRays);
    this.dots = room(tileRays * maximumTexts);
    this.scores = room(tileRays * maximumTexts);
  }

  packJobs(): PackJob[] {
    return this.base.packJobs();
  }

  /** For the encoded tile (n samples left of `count` rays); `at` is the tile's first ray in the result. */
  answer(count: number, n: number, query: QueryPlan, at: number): void {
    this.base.forward(n, this.tile.features, this.tile.stride, this.first);
    const { scales, phrases, outStride } = query;
    if (query.mode === 'sweep') {
      scales.forEach((scale, index) => {
        this.renderHidden(count, n, this.hiddenSwept(n, scale, scales[index - 1]), query);
        this.score(count, query, query.out + (index * phrases * outStride + at) * 4, outStride);
      });
      return;
    }
    for (const scale of new Set(scales)) {
      this.renderHidden(count, n, this.hiddenAt(n, scale), query);
      this.score(count, query, this.scores, this.tileRays);
      const { buffer } = this.context.memory;
      scales.forEach((kept, phrase) => {
        if (kept !== scale) return;
        const row = new Float32Array(buffer, this.scores + phrase * this.tileRays * 4, count);
        new Float32Array(buffer, query.out + (phrase * outStride + at) * 4, count).set(row);
      });
    }
  }

  /** Last hidden activations [n, h] at one scale by itself; returns their address. */
  private hiddenAt(n: number, scale: number): number {
    const { hiddenWidth: h } = this.tile.config;
    const [hidden, spare] = this.hidden;
    this.context.kernels.shiftedRelu(n, h, this.first, this.scaleRow, scale, hidden);
    return this.upperLayers(n, 1, hidden, spare);
  }

  /**
   * The same as one of a series of scales: the second layer moves on from the scale before (savings A7b), and is
   * multiplied out only for the first.
   */
  private hiddenSwept(n: number, scale: number, before: number | undefined): number {
    const { kernels } = this.context;
    const { hiddenWidth: h } = this.tile.config;
    const [hidden, spare] = this.hidden;
    const { first, scaleRow, second, slope } = this;
    const layer = this.tile.layers[1];
    if (layer === undefined) return this.hiddenAt(n, scale);
    if (before === undefined) {
      kernels.shiftedRelu(n, h, first, scaleRow, scale, hidden);
      layer.forward(n, hidden, h, second);
      kernels.activeSlope(n, h, first, scaleRow, scale, hidden);
      layer.forward(n, hidden, h, slope);
    }
    kernels.sweepStep(n, h, h, first, scaleRow, layer.weight, before ?? scale, scale, second, slope, hidden);
    return this.upperLayers(n, 2, hidden, spare);
  }

  /** Hidden layers from number `from` on; returns where the last one's activations are. */
  private upperLayers(n: number, from: number, input: number, spare: number): number {
    const { hiddenWidth: h } = this.tile.config;
    let [hidden, next] = [input, spare];
    for (const layer of this.tile.layers.slice(from)) {
      layer.forwardRelu(n, hidden, h, next);
      [hidden, next] = [next, hidden];
    }
    return hidden;
  }

  /** H [R, h] and E [R] of the tile from the last hidden activations. */
  private renderHidden(count: number, n: number, hidden: number, query: QueryPlan): void {
    const { hiddenWidth: h } = this.tile.config;
    const { rayOfSample, weights } = this.tile;
    this.factoredNorms(n, hidden, query.factor, this.norms);
    this.context.kernels.renderHiddenIndexed(count, n, h, rayOfSample, hidden, weights, this.norms, this.rayHidden);
    this.factoredNorms(count, this.rayHidden, query.factor, this.rayNorms);
  }

  /** out [M] = ‖Lᵀv‖ = √(v·Gv) of rows (A1). */
  private factoredNorms(M: number, rows: number, factor: number, out: number): void {
    const { kernels, zeros } = this.context;
    const { hiddenWidth: h } = this.tile.config;
    for (let m = 0; m < M; m += normRows) {
      const count = Math.min(normRows, M - m);
      kernels.gemmLowerTriangular(count, h, rows + m * h * 4, h, factor, zeros, this.factored, h);
      kernels.rowNorms(count, h, this.factored, h, out + m * 4);
    }
  }

  private score(count: number, query: QueryPlan, out: number, outStride: number): void {
    const { kernels, zeros } = this.context;
    const { hiddenWidth: h } = this.tile.config;
    const { textColumns, phrases, canonical, texts } = query;
    kernels.gemm(count, textColumns, h, this.rayHidden, h, texts, zeros, 0, this.dots, textColumns);
    if (canonical === 0)
      kernels.projectionsFromDots(count, phrases, this.dots, textColumns, this.rayNorms, out, outStride);
    else kernels.relevancyFromDots(count, phrases, canonical, this.dots, textColumns, this.rayNorms, out, outStride);
  }
}
