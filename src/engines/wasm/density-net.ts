/**
 * Hash grid + two-layer MLP + density, the common part of the proposal networks and the radiance field (spec §4.1,
 * §4.2), for a tile of rays on one thread: samples are placed, encoded and turned into rendering weights, and gradients
 * flow back from weights (and from further outputs of the MLP) to parameters and rays.
 */
import type { HashGridConfig } from '../../field/config.ts';
import { DenseBlock } from './dense-block.ts';
import { GridBlock } from './grid-block.ts';
import { padTo4 } from './layout.ts';
import type { PackJob, ThreadContext } from './thread-context.ts';

export interface DensityNetShape {
  gridName: string;
  grid: HashGridConfig;
  mlpName: string;
  hiddenWidth: number;
  samples: number;
  near: number;
  far: number;
  initDensity: number;
}

/** The rays of a tile: addresses of [R, 3]. */
export interface TileRays {
  count: number;
  origins: number;
  directions: number;
  /** Gradient sinks [R, 3]; 0 when poses are not refined. */
  gradOrigins: number;
  gradDirections: number;
}

export class DensityNet {
  readonly samples: number;
  /** Outputs of the MLP, padded: log-density, then geometry features. */
  readonly outputs: number;
  /** Spacing edges [R, S+1] (input), euclidean edges [R, S+1], weights [R, S]. */
  readonly edges: number;
  readonly euclid: number;
  readonly weights: number;
  /** [R·S, outputs] and its gradient; column 0 of the gradient is written by `backward`. */
  readonly raw: number;
  readonly gradRaw: number;
  /** [R, S] gradient of the weights, filled by the losses. */
  readonly gradWeights: number;
  private readonly context: ThreadContext;
  private readonly shape: DensityNetShape;
  private readonly grid: GridBlock;
  private readonly first: DenseBlock;
  private readonly last: DenseBlock;
  private readonly stride: number;
  private readonly coords: number;
  private readonly selector: number;
  private readonly encoded: number;
  private readonly hidden: number;
  private readonly density: number;
  private readonly gradDensity: number;
  private readonly gradHidden: number;
  private readonly gradEncoded: number;
  private readonly gradCoords: number;

  constructor(context: ThreadContext, shape: DensityNetShape, tileRays: number) {
    this.context = context;
    this.shape = shape;
    this.samples = shape.samples;
    this.grid = new GridBlock(context, shape.gridName, shape.grid);
    this.first = new DenseBlock(context, `${shape.mlpName}.0`);
    this.last = new DenseBlock(context, `${shape.mlpName}.1`);
    this.outputs = this.last.outputs;
    this.stride = padTo4(this.grid.width);
    const n = tileRays * shape.samples;
    const edges = tileRays * (shape.samples + 1);
    const room = (count: number) => context.scratch.floats(count);
    this.edges = room(edges);
    this.euclid = room(edges);
    this.weights = room(n);
    this.gradWeights = room(n);
    this.coords = room(n * 3);
    this.selector = room(n);
    this.density = room(n);
    this.gradDensity = room(n);
    this.gradCoords = room(n * 3);
    this.encoded = room(n * this.stride);
    this.gradEncoded = room(n * this.stride);
    this.hidden = room(n * shape.hiddenWidth);
    this.gradHidden = room(n * shape.hiddenWidth);
    this.raw = room(n * this.outputs);
    this.gradRaw = room(n * this.outputs);
  }

  packJobs(): PackJob[] {
    return [...this.first.packJobs(), ...this.last.packJobs()];
  }

  /** From the spacing edges to the weights. `near` is the training plane, or 0 in evaluation. */
  forward(rays: TileRays, near: number): void {
    const { kernels } = this.context;
    const { shape, samples, stride } = this;
    const n = rays.count * samples;
    kernels.euclideanEdges(rays.count * (samples + 1), this.edges, near, shape.far, this.euclid);
    kernels.placeSamplesCube(
      rays.count,
      samples,
      rays.origins,
      rays.directions,
      this.euclid,
      this.coords,
      this.selector,
    );
    this.grid.forward(n, this.coords, this.encoded, stride);
    this.first.forwardRelu(n, this.encoded, stride, this.hidden);
    this.last.forward(n, this.hidden, shape.hiddenWidth, this.raw);
    kernels.densityActivation(n, this.raw, this.outputs, this.selector, shape.initDensity, this.density);
    kernels.compositeWeights(rays.count, samples, this.density, this.euclid, this.weights);
  }

  /**
   * From gradWeights (and gradRaw's columns 1…, which must be set) to this thread's parameter gradients and, when the
   * rays have gradient sinks, to origins and directions.
   */
  backward(rays: TileRays): void {
    const { kernels } = this.context;
    const { shape, samples, stride, outputs } = this;
    const { hiddenWidth } = shape;
    const n = rays.count * samples;
    kernels.compositeWeightsBackward(
      rays.count,
      samples,
      this.density,
      this.euclid,
      this.weights,
      this.gradWeights,
      this.gradDensity,
    );
    kernels.densityActivationBackward(
      n,
      this.raw,
      outputs,
      this.selector,
      shape.initDensity,
      this.gradDensity,
      this.gradRaw,
      outputs,
    );
    this.last.parameterGradient(n, this.hidden, hiddenWidth, this.gradRaw);
    this.last.inputGradient(n, this.gradRaw, this.gradHidden, hiddenWidth);
    kernels.reluBackward(n, hiddenWidth, this.gradHidden, hiddenWidth, this.hidden, hiddenWidth);
    this.first.parameterGradient(n, this.encoded, stride, this.gradHidden);
    this.first.inputGradient(n, this.gradHidden, this.gradEncoded, stride);
    if (rays.gradOrigins === 0) {
      this.grid.backward(n, this.coords, this.gradEncoded, stride);
      return;
    }
    kernels.clearFloats(n * 3, this.gradCoords);
    this.grid.backwardWithCoords(n, this.coords, this.gradEncoded, stride, this.gradCoords);
    kernels.placeSamplesCubeBackward(
      rays.count,
      samples,
      rays.origins,
      rays.directions,
      this.euclid,
      this.gradCoords,
      rays.gradOrigins,
      rays.gradDirections,
    );
  }
}
