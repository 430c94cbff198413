/**
 * The colour MLP (spec §4.1) for a tile of rays. Inputs that belong to the ray – spherical harmonics of the direction,
 * appearance, bias – enter once per ray as the starting row of the first layer (savings A9); the geometry features of
 * the density MLP enter per sample.
 */
import type { RadianceConfig } from '../../field/config.ts';
import { DenseBlock } from './dense-block.ts';
import type { TileRays } from './density-net.ts';
import { gradientAddress, type PackJob, segmentOf, type ThreadContext, valueAddress } from './thread-context.ts';

const harmonics = 16;

export class ColourNet {
  /** [R·S, 4] before the sigmoid, and its gradient (written by the colour loss). */
  readonly raw: number;
  readonly gradRaw: number;
  private readonly context: ThreadContext;
  private readonly radiance: RadianceConfig;
  private readonly direction: DenseBlock;
  private readonly geometry: DenseBlock;
  private readonly appearance: DenseBlock | undefined;
  private readonly rest: DenseBlock[];
  private readonly hidden: number[];
  private readonly gradHidden: number[];
  private readonly sh: number;
  private readonly gradSh: number;
  private readonly appearanceRows: number;
  private readonly gradAppearance: number;
  private readonly base: number;
  private readonly gradBase: number;
  private readonly appearanceTable: number;
  private readonly gradAppearanceTable: number;

  constructor(context: ThreadContext, radiance: RadianceConfig, tileRays: number) {
    const { geometryFeatures, appearanceWidth, colourWidth, colourLayers, samples } = radiance;
    this.context = context;
    this.radiance = radiance;
    const layer = 'radiance.colour.0';
    const afterGeometry = harmonics + geometryFeatures;
    this.direction = new DenseBlock(context, layer, { inputs: harmonics });
    // The gradient lands beside the density's in the density MLP's outputs: column 0 is left to it.
    this.geometry = new DenseBlock(context, layer, {
      firstRow: harmonics,
      inputs: geometryFeatures,
      gradientShift: 1,
    });
    this.appearance =
      appearanceWidth > 0
        ? new DenseBlock(context, layer, { firstRow: afterGeometry, inputs: appearanceWidth })
        : undefined;
    this.rest = Array.from(
      { length: colourLayers },
      (_, index) => new DenseBlock(context, `radiance.colour.${index + 1}`),
    );
    const n = tileRays * samples;
    const room = (count: number) => context.scratch.floats(count);
    this.hidden = Array.from({ length: colourLayers }, () => room(n * colourWidth));
    this.gradHidden = Array.from({ length: colourLayers }, () => room(n * colourWidth));
    this.raw = room(n * 4);
    this.gradRaw = room(n * 4);
    this.sh = room(tileRays * harmonics);
    this.gradSh = room(tileRays * harmonics);
    this.appearanceRows = room(tileRays * Math.max(appearanceWidth, 4));
    this.gradAppearance = room(tileRays * Math.max(appearanceWidth, 4));
    this.base = room(tileRays * colourWidth);
    this.gradBase = room(tileRays * colourWidth);
    const table = appearanceWidth > 0 ? segmentOf(context, 'radiance.appearance') : undefined;
    this.appearanceTable = table ? valueAddress(context, table) : 0;
    this.gradAppearanceTable = table ? gradientAddress(context, table) : 0;
  }

  packJobs(): PackJob[] {
    const blocks = [this.direction, this.geometry, ...this.rest];
    if (this.appearance) blocks.push(this.appearance);
    return blocks.flatMap((block) => block.packJobs());
  }

  private floats(address: number, count: number): Float32Array {
    return new Float32Array(this.context.memory.buffer, address, count);
  }

  /** Appearance rows of the tile: one camera's, or in evaluation the mean over all cameras (spec §4.1). */
  private gatherAppearance(cameras: Uint32Array | undefined, count: number): void {
    const width = this.radiance.appearanceWidth;
    const table = this.floats(this.appearanceTable, segmentOf(this.context, 'radiance.appearance').size);
    const rows = this.floats(this.appearanceRows, count * width);
    if (cameras) {
      for (let r = 0; r < count; r++) rows.set(table.subarray(cameras[r] * width, (cameras[r] + 1) * width), r * width);
      return;
    }
    const mean = new Float64Array(width);
    for (let i = 0; i < table.length; i++) mean[i % width] += table[i];
    const images = table.length / width;
    for (let i = 0; i < rows.length; i++) rows[i] = mean[i % width] / images;
  }

  /** geometry: the density MLP's outputs [R·S, ldGeometry] with features from column 1. */
  forward(rays: TileRays, geometry: number, ldGeometry: number, cameras: Uint32Array | undefined): void {
    const { kernels } = this.context;
    const { colourWidth, samples, appearanceWidth } = this.radiance;
    const n = rays.count * samples;
    kernels.sphericalHarmonics(rays.count, rays.directions, this.sh, harmonics);
    this.direction.forward(rays.count, this.sh, harmonics, this.base);
    if (this.appearance) {
      this.gatherAppearance(cameras, rays.count);
      this.appearance.forwardAdd(rays.count, this.appearanceRows, appearanceWidth, this.base);
    }
    this.geometry.forwardReluGrouped(rays.count, samples, geometry + 4, ldGeometry, this.base, this.hidden[0]);
    this.rest.forEach((block, index) => {
      const next = this.hidden[index + 1];
      if (next === undefined) block.forward(n, this.hidden[index], colourWidth, this.raw);
      else block.forwardRelu(n, this.hidden[index], colourWidth, next);
    });
  }

  /** From gradRaw to parameters, directions and the geometry features' gradient [R·S, ldGeometry] (columns 1…). */
  backward(rays: TileRays, geometry: number, gradGeometry: number, ldGeometry: number, cameras: Uint32Array): void {
    const { kernels } = this.context;
    const { colourWidth, samples } = this.radiance;
    const n = rays.count * samples;
    for (let index = this.rest.length - 1; index >= 0; index--) {
      const gradOut = this.gradHidden[index + 1] ?? this.gradRaw;
      this.rest[index].parameterGradient(n, this.hidden[index], colourWidth, gradOut);
      this.rest[index].inputGradient(n, gradOut, this.gradHidden[index], colourWidth);
      kernels.reluBackward(n, colourWidth, this.gradHidden[index], colourWidth, this.hidden[index], colourWidth);
    }
    const grad = this.gradHidden[0];
    this.geometry.parameterGradient(n, geometry + 4, ldGeometry, grad, false);
    this.geometry.inputGradient(n, grad, gradGeometry, ldGeometry);
    kernels.groupSums(rays.count, samples, colourWidth, grad, colourWidth, this.gradBase, colourWidth);
    this.direction.parameterGradient(rays.count, this.sh, harmonics, this.gradBase);
    if (rays.gradDirections !== 0) {
      this.direction.inputGradient(rays.count, this.gradBase, this.gradSh, harmonics);
      kernels.sphericalHarmonicsBackward(rays.count, rays.directions, this.gradSh, harmonics, rays.gradDirections);
    }
    if (this.appearance) this.appearanceGradient(rays.count, cameras);
  }

  private appearanceGradient(count: number, cameras: Uint32Array): void {
    const width = this.radiance.appearanceWidth;
    this.appearance?.parameterGradient(count, this.appearanceRows, width, this.gradBase);
    this.appearance?.inputGradient(count, this.gradBase, this.gradAppearance, width);
    const rows = this.floats(this.gradAppearance, count * width);
    const table = this.floats(this.gradAppearanceTable, segmentOf(this.context, 'radiance.appearance').size);
    for (let r = 0; r < count; r++)
      for (let c = 0; c < width; c++) table[cameras[r] * width + c] += rows[r * width + c];
  }
}
