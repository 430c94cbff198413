/**
 * One tile of rays through the radiance field on one thread (spec §4): proposal sampling, density, colour, losses and
 * the way back. The language field reads weights and sample edges from here and never writes back (spec §2.7).
 */
import { lossWeights, type RadianceConfig } from '../../field/config.ts';
import { ColourNet } from './colour-net.ts';
import { DensityNet, type TileRays } from './density-net.ts';
import type { PackJob, ThreadContext } from './thread-context.ts';

/** Loss sums of a thread, in this order at `ThreadContext`-owned f64 slots. */
export const lossSlots = { rgb: 0, interlevel: 1, distortion: 2, language: 3 } as const;

export interface TrainingTile {
  rays: TileRays;
  /** Address of the tile's colours [R, 3]. */
  colours: number;
  /** Training camera of each ray. */
  cameras: Uint32Array;
  /** Rays of the whole batch: the losses are means over it. */
  batchRays: number;
  updateProposals: boolean;
  /** f64 loss slots of this thread. */
  losses: number;
}

export class RadianceTile {
  readonly field: DensityNet;
  /** [R, 3], [R], [R] results of `shade`. */
  readonly rgb: number;
  readonly depth: number;
  readonly accumulation: number;
  private readonly context: ThreadContext;
  private readonly radiance: RadianceConfig;
  private readonly proposals: DensityNet[];
  private readonly colour: ColourNet;
  private readonly colours: number;

  constructor(context: ThreadContext, radiance: RadianceConfig, tileRays: number) {
    const { near, far, averageInitDensity } = radiance;
    const common = { near, far, initDensity: averageInitDensity };
    this.context = context;
    this.radiance = radiance;
    this.proposals = radiance.proposals.map(
      ({ grid, hiddenWidth, samples }, index) =>
        new DensityNet(
          context,
          {
            ...common,
            gridName: `proposal.${index}.grid`,
            grid,
            mlpName: `proposal.${index}.mlp`,
            hiddenWidth,
            samples,
          },
          tileRays,
        ),
    );
    this.field = new DensityNet(
      context,
      {
        ...common,
        gridName: 'radiance.grid',
        grid: radiance.grid,
        mlpName: 'radiance.density',
        hiddenWidth: radiance.densityWidth,
        samples: radiance.samples,
      },
      tileRays,
    );
    this.colour = new ColourNet(context, radiance, tileRays);
    this.rgb = context.scratch.floats(tileRays * 3);
    this.depth = context.scratch.floats(tileRays);
    this.accumulation = context.scratch.floats(tileRays);
    this.colours = context.scratch.floats(tileRays * radiance.samples * 3);
  }

  packJobs(): PackJob[] {
    return [...this.proposals, this.field, this.colour].flatMap((part) => part.packJobs());
  }

  /** Proposal sampling and the field's density: weights and edges of the final samples. Training when jitter ≠ 0. */
  sample(rays: TileRays, jitter: number, anneal: number): void {
    const { kernels } = this.context;
    const near = jitter === 0 ? 0 : this.radiance.near;
    const train = jitter === 0 ? 0 : 1;
    const nets = [...this.proposals, this.field];
    nets.forEach((net, round) => {
      const draws = train ? jitter + round * 4 : 0;
      const before = nets[round - 1];
      if (!before) kernels.initialEdges(rays.count, net.samples, draws, 3, train, net.edges);
      else
        kernels.resampleEdges(
          rays.count,
          before.samples,
          net.samples,
          before.weights,
          before.edges,
          anneal,
          draws,
          3,
          train,
          net.edges,
        );
      net.forward(rays, near);
    });
  }

  /** Colour of the sampled rays; `cameras` undefined = evaluation (mean appearance). */
  shade(rays: TileRays, cameras: Uint32Array | undefined): void {
    const { kernels } = this.context;
    this.colour.forward(rays, this.field.raw, this.field.outputs, cameras);
    kernels.compositeColour(
      rays.count,
      this.radiance.samples,
      this.field.weights,
      this.colour.raw,
      4,
      this.colours,
      this.rgb,
    );
  }

  measureDepth(rays: TileRays): void {
    const { kernels } = this.context;
    kernels.rayDepth(
      rays.count,
      this.radiance.samples,
      this.field.weights,
      this.field.euclid,
      this.depth,
      this.accumulation,
    );
  }

  /** Losses and all gradients of a sampled and shaded training tile. */
  backward(tile: TrainingTile): void {
    const { rays } = tile;
    this.fieldLosses(tile);
    for (const net of this.proposals) this.interlevelLoss(tile, net);
    this.colour.backward(rays, this.field.raw, this.field.gradRaw, this.field.outputs, tile.cameras);
    this.field.backward(rays);
    if (tile.updateProposals) for (const net of this.proposals) net.backward(rays);
  }

  private fieldLosses({ rays, colours, batchRays, losses }: TrainingTile): void {
    const { kernels } = this.context;
    const { samples } = this.radiance;
    const { field, colour } = this;
    kernels.clearFloats(rays.count * samples, field.gradWeights);
    kernels.compositeColourLoss(
      rays.count,
      samples,
      field.weights,
      this.colours,
      this.rgb,
      colours,
      1 / (batchRays * 3),
      colour.gradRaw,
      4,
      field.gradWeights,
      losses + 8 * lossSlots.rgb,
    );
    kernels.distortionLoss(
      rays.count,
      samples,
      field.edges,
      field.weights,
      lossWeights.distortion / batchRays,
      field.gradWeights,
      losses + 8 * lossSlots.distortion,
    );
  }

  private interlevelLoss({ rays, batchRays, losses }: TrainingTile, net: DensityNet): void {
    const { kernels } = this.context;
    const { samples } = this.radiance;
    kernels.interlevelLoss(
      rays.count,
      samples,
      this.field.edges,
      this.field.weights,
      net.samples,
      net.edges,
      net.weights,
      lossWeights.interlevel / (batchRays * samples),
      net.gradWeights,
      losses + 8 * lossSlots.interlevel,
    );
  }
}
