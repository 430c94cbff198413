/**
 * One tile of rays through one language field on one thread, in training (spec §2; savings A1-A5, A8): features of the
 * chosen samples, hidden activations, rendering in the hidden space, losses and the way back. Geometry is read, never
 * written.
 */
import { type LanguageConfig, lossWeights } from '../../field/config.ts';
import { gridWidth } from '../../field/parameters.ts';
import { DenseBlock } from './dense-block.ts';
import type { DensityNet, TileRays } from './density-net.ts';
import { DinoHead } from './dino-head.ts';
import { GridBlock } from './grid-block.ts';
import { padTo4 } from './layout.ts';
import { gradientAddress, type PackJob, segmentOf, type ThreadContext, valueAddress } from './thread-context.ts';
import type { TileTargets } from './tile-targets.ts';

export class LanguageTile {
  readonly config: LanguageConfig;
  /** Columns of the grids' encoding; the scale stands behind them. */
  readonly encoded: number;
  readonly stride: number;
  /** Chosen samples: ray (i32), weight, distance, [R·K] each; features [R·K, stride]. */
  readonly rayOfSample: number;
  readonly weights: number;
  readonly mids: number;
  readonly features: number;
  /** [h, D] last layer, packed transposed: [D → h]. */
  readonly lastTransposed: number;
  /** [h, h] G = W₅·W₅ᵀ, packed by `packGram`. */
  readonly gram: number;
  readonly packedGram: number;
  readonly layers: DenseBlock[];
  readonly dino: DinoHead | undefined;
  readonly embedding: number;
  private readonly context: ThreadContext;
  private readonly grids: GridBlock[];
  private readonly indices: number;
  private readonly coords: number;
  private readonly hidden: number[];
  private readonly gradHidden: number[];
  private readonly gramHidden: number;
  private readonly norms: number;
  private readonly rayHidden: number;
  private readonly rayGram: number;
  private readonly projected: number;
  private readonly squares: number;
  private readonly gradRay: number;
  private readonly coefficients: number;
  private readonly targetCoefficients: number;
  private readonly scaledRows: number;
  private readonly symmetric: number;
  private readonly gradFeatures: number;
  private readonly gradStride: number;
  private readonly last: number;
  private readonly gradLast: number;
  private readonly packedLast: number;
  private readonly doubled: number;

  constructor(context: ThreadContext, config: LanguageConfig, tileRays: number) {
    const { hiddenWidth, hiddenLayers, samples, name } = config;
    const prefix = `language.${name}`;
    const n = tileRays * samples;
    const room = (count: number) => context.scratch.floats(count);
    this.context = context;
    this.config = config;
    this.encoded = gridWidth(config.grids);
    this.stride = padTo4(this.encoded + 1);
    this.gradStride = padTo4(this.encoded);
    this.embedding = padTo4(config.clipDim);
    this.grids = config.grids.map((grid, index) => new GridBlock(context, `${prefix}.grid.${index}`, grid));
    this.layers = Array.from(
      { length: hiddenLayers },
      (_, index) =>
        new DenseBlock(context, `${prefix}.clip.${index}`, index === 0 ? { gradientInputs: this.encoded } : {}),
    );
    const last = segmentOf(context, `${prefix}.clip.${hiddenLayers}.weight`);
    this.last = valueAddress(context, last);
    this.gradLast = gradientAddress(context, last);
    this.lastTransposed = context.shared.floats(this.embedding * hiddenWidth);
    this.packedLast = context.shared.floats(this.embedding * hiddenWidth);
    this.gram = context.shared.floats(hiddenWidth * hiddenWidth);
    this.packedGram = room(hiddenWidth * hiddenWidth);
    this.dino = config.dinoDim > 0 ? new DinoHead(context, config, this.encoded, tileRays) : undefined;
    this.indices = room(n);
    this.rayOfSample = room(n);
    this.weights = room(n);
    this.mids = room(n);
    this.coords = room(n * 3);
    this.features = room(n * this.stride);
    this.gradFeatures = room(n * this.gradStride);
    this.hidden = Array.from({ length: hiddenLayers }, () => room(n * hiddenWidth));
    this.gradHidden = [room(n * hiddenWidth), room(n * hiddenWidth)];
    this.gramHidden = room(n * hiddenWidth);
    this.norms = room(n);
    this.rayHidden = room(tileRays * hiddenWidth);
    this.rayGram = room(tileRays * hiddenWidth);
    this.projected = room(tileRays * hiddenWidth);
    this.gradRay = room(tileRays * hiddenWidth);
    this.squares = room(tileRays);
    this.coefficients = room(tileRays);
    this.targetCoefficients = room(tileRays);
    this.scaledRows = room(tileRays * Math.max(hiddenWidth, this.embedding));
    this.symmetric = room(hiddenWidth * hiddenWidth);
    this.doubled = room(hiddenWidth * hiddenWidth);
  }

  packJobs(): PackJob[] {
    const { kernels } = this.context;
    const { hiddenWidth } = this.config;
    const { embedding, last } = this;
    return [
      ...this.layers.flatMap((layer) => layer.packJobs()),
      ...(this.dino?.packJobs() ?? []),
      () => kernels.packPanels(hiddenWidth, embedding, last, embedding, this.packedLast),
      () => kernels.packPanelsTransposed(embedding, hiddenWidth, hiddenWidth, last, embedding, this.lastTransposed),
    ];
  }

  /** This thread's share of the rows of G; needs the packed last layer of every thread. */
  buildGram(): void {
    const { kernels, thread, threads, zeros } = this.context;
    const { hiddenWidth: h } = this.config;
    const { embedding } = this;
    const begin = Math.floor((h * thread) / threads);
    const end = Math.floor((h * (thread + 1)) / threads);
    kernels.gemm(
      end - begin,
      h,
      embedding,
      this.last + begin * embedding * 4,
      embedding,
      this.lastTransposed,
      zeros,
      0,
      this.gram + begin * h * 4,
      h,
    );
  }

  /** Packs G for this thread; needs all rows of G. Also clears the step's sums. */
  packGram(): void {
    const { hiddenWidth: h } = this.config;
    this.context.kernels.packPanels(h, h, this.gram, h, this.packedGram);
    this.context.kernels.clearFloats(h * h, this.symmetric);
  }

  /**
   * Chooses the samples of largest weight and encodes their positions (spec §2.1, §2.2, §2.4). With pruneShare ≥ 0
   * samples whose weight is at most that share of their ray's are dropped (savings A17). Returns the samples left.
   */
  encode(rays: TileRays, field: DensityNet, pruneShare = -1): number {
    const { kernels } = this.context;
    const { samples } = this.config;
    kernels.largestWeights(rays.count, field.samples, samples, field.weights, this.indices);
    kernels.gatherSelected(
      rays.count,
      field.samples,
      samples,
      this.indices,
      field.weights,
      field.euclid,
      this.rayOfSample,
      this.weights,
      this.mids,
    );
    const n =
      pruneShare >= 0
        ? kernels.pruneSamples(rays.count, samples, pruneShare, this.rayOfSample, this.weights, this.mids)
        : rays.count * samples;
    kernels.placeSamplesBall(n, this.rayOfSample, rays.origins, rays.directions, this.mids, this.coords);
    let column = 0;
    for (const grid of this.grids) {
      grid.forward(n, this.coords, this.features + column * 4, this.stride);
      column += grid.width;
    }
    return n;
  }

  /** Losses and gradients of an encoded tile. */
  train(rays: TileRays, targets: TileTargets): void {
    const { kernels } = this.context;
    const { samples } = this.config;
    const n = rays.count * samples;
    const scaleColumn = this.features + this.encoded * 4;
    kernels.writeScales(
      rays.count,
      samples,
      targets.scales,
      targets.heightOverFocal,
      this.mids,
      scaleColumn,
      this.stride,
    );
    this.forwardHidden(n);
    this.renderAndLoss(rays.count, targets);
    this.backwardHidden(n);
    this.dino?.train(rays.count, this.features, this.stride, this.weights, targets, this.gradFeatures);
    let column = 0;
    for (const grid of this.grids) {
      grid.backward(n, this.coords, this.gradFeatures + column * 4, this.gradStride);
      column += grid.width;
    }
  }

  private forwardHidden(n: number): void {
    const { hiddenWidth: h } = this.config;
    this.layers.forEach((layer, index) => {
      const input = index === 0 ? this.features : this.hidden[index - 1];
      layer.forwardRelu(n, input, index === 0 ? this.stride : h, this.hidden[index]);
    });
  }

  /** v·G for M rows. */
  private timesGram(M: number, v: number, out: number): void {
    const { kernels, zeros } = this.context;
    const { hiddenWidth: h } = this.config;
    kernels.gemm(M, h, h, v, h, this.packedGram, zeros, 0, out, h);
  }

  private renderAndLoss(count: number, targets: TileTargets): void {
    const { kernels, zeros } = this.context;
    const { hiddenWidth: h, samples, clipDim } = this.config;
    const { embedding } = this;
    const n = count * samples;
    const last = this.hidden[this.hidden.length - 1];
    this.timesGram(n, last, this.gramHidden);
    kernels.gramNorms(n, h, last, this.gramHidden, this.norms);
    kernels.renderHidden(count, samples, h, last, this.weights, this.norms, this.rayHidden);
    this.timesGram(count, this.rayHidden, this.rayGram);
    kernels.gemm(count, h, embedding, targets.clip, embedding, this.lastTransposed, zeros, 0, this.projected, h);
    kernels.rowNorms(count, padTo4(clipDim), targets.clip, embedding, this.squares);
    const squares = new Float32Array(this.context.memory.buffer, this.squares, count);
    for (let r = 0; r < count; r++) squares[r] *= squares[r];
    const scale = lossWeights.clip / Math.max(1, targets.validRays);
    kernels.hiddenLoss(
      count,
      h,
      this.rayHidden,
      this.rayGram,
      this.projected,
      this.squares,
      targets.valid,
      scale,
      this.gradRay,
      this.coefficients,
      this.targetCoefficients,
      targets.losses,
    );
    this.lastLayerSums(count, targets);
  }

  /** The rays' parts of Σ and of the last layer's gradient (A5). */
  private lastLayerSums(count: number, targets: TileTargets): void {
    const { kernels } = this.context;
    const { hiddenWidth: h } = this.config;
    const { embedding, scaledRows } = this;
    kernels.scaleRows(count, h, this.coefficients, this.rayHidden, h, scaledRows, h);
    kernels.gemmTransposed(count, h, h, scaledRows, h, this.rayHidden, h, this.symmetric, h);
    kernels.scaleRows(count, embedding, this.targetCoefficients, targets.clip, embedding, scaledRows, embedding);
    kernels.gemmTransposed(count, h, embedding, this.rayHidden, h, scaledRows, embedding, this.gradLast, embedding);
  }

  private backwardHidden(n: number): void {
    const { kernels } = this.context;
    const { hiddenWidth: h, samples } = this.config;
    const top = this.layers.length - 1;
    let [grad, spare] = this.gradHidden;
    kernels.hiddenBackward(
      n / samples,
      samples,
      h,
      this.hidden[top],
      this.gramHidden,
      this.weights,
      this.norms,
      this.gradRay,
      grad,
    );
    kernels.gemmTransposed(n, h, h, this.gramHidden, h, this.hidden[top], h, this.symmetric, h);
    for (let index = top; index > 0; index--) {
      this.layers[index].parameterGradient(n, this.hidden[index - 1], h, grad);
      this.layers[index].inputGradient(n, grad, spare, h);
      kernels.reluBackward(n, h, spare, h, this.hidden[index - 1], h);
      [grad, spare] = [spare, grad];
    }
    this.layers[0].parameterGradient(n, this.features, this.stride, grad);
    this.layers[0].inputGradient(n, grad, this.gradFeatures, this.gradStride);
  }

  /** After the last tile of a step: this thread's 2 Σ W₅ (A5). */
  finishStep(): void {
    const { kernels } = this.context;
    const { hiddenWidth: h } = this.config;
    const { embedding } = this;
    const two = new Float32Array(this.context.memory.buffer, this.coefficients, 1);
    two[0] = 2;
    kernels.scaleRows(1, h * h, this.coefficients, this.symmetric, h * h, this.doubled, h * h);
    kernels.gemm(h, embedding, h, this.doubled, h, this.packedLast, this.gradLast, embedding, this.gradLast, embedding);
  }
}
