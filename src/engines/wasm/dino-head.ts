/** The DINO head of a language field for a tile of rays: its last layer runs after the ray sum (savings A8). */
import type { LanguageConfig } from '../../field/config.ts';
import { DenseBlock } from './dense-block.ts';
import type { PackJob, ThreadContext } from './thread-context.ts';
import type { TileTargets } from './tile-targets.ts';

export class DinoHead {
  /** [R, outputs] rendered features after `render`. */
  readonly rendered: number;
  readonly outputs: number;
  private readonly context: ThreadContext;
  private readonly config: LanguageConfig;
  private readonly first: DenseBlock;
  private readonly last: DenseBlock;
  private readonly hidden: number;
  private readonly gradHidden: number;
  private readonly rayHidden: number;
  private readonly gradRay: number;
  private readonly gradRendered: number;

  constructor(context: ThreadContext, config: LanguageConfig, encoded: number, tileRays: number) {
    const prefix = `language.${config.name}.dino`;
    const n = tileRays * config.samples;
    const room = (count: number) => context.scratch.floats(count);
    this.context = context;
    this.config = config;
    this.first = new DenseBlock(context, `${prefix}.0`, { inputs: encoded });
    this.last = new DenseBlock(context, `${prefix}.1`);
    this.outputs = this.last.outputs;
    this.hidden = room(n * config.dinoWidth);
    this.gradHidden = room(n * config.dinoWidth);
    this.rayHidden = room(tileRays * config.dinoWidth);
    this.gradRay = room(tileRays * config.dinoWidth);
    this.rendered = room(tileRays * this.outputs);
    this.gradRendered = room(tileRays * this.outputs);
  }

  packJobs(): PackJob[] {
    return [...this.first.packJobs(), ...this.last.packJobs()];
  }

  render(count: number, features: number, stride: number, weights: number): void {
    const { kernels } = this.context;
    const { dinoWidth, samples } = this.config;
    const n = count * samples;
    this.first.forwardRelu(n, features, stride, this.hidden);
    kernels.weightedSums(count, samples, dinoWidth, this.hidden, weights, this.rayHidden);
    // A bias of the last layer would have to be multiplied by Σw; tcnn's padding rule never gives it one.
    this.last.forward(count, this.rayHidden, dinoWidth, this.rendered);
  }

  /** Loss and gradients; adds to gradFeatures [n, encoded]. */
  train(
    count: number,
    features: number,
    stride: number,
    weights: number,
    targets: TileTargets,
    gradFeatures: number,
  ): void {
    const { kernels } = this.context;
    const { dinoWidth, samples, dinoDim } = this.config;
    const n = count * samples;
    this.render(count, features, stride, weights);
    kernels.dinoLoss(
      count,
      this.outputs,
      this.rendered,
      this.outputs,
      targets.dino,
      1 / targets.batchRays,
      this.gradRendered,
      targets.losses + 8,
    );
    if (dinoDim === 0) return;
    this.last.parameterGradient(count, this.rayHidden, dinoWidth, this.gradRendered);
    this.last.inputGradient(count, this.gradRendered, this.gradRay, dinoWidth);
    kernels.weightedSumsBackward(count, samples, dinoWidth, this.hidden, weights, this.gradRay, this.gradHidden);
    this.first.parameterGradient(n, features, stride, this.gradHidden);
    this.first.inputGradientAdd(n, this.gradHidden, gradFeatures, this.first.gradientColumns);
  }
}
