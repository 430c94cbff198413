/**
 * One thread of the CPU engine: takes its share of the ray tiles of a batch through the whole step – sampling,
 * encoding, MLPs, compositing, losses, backward – with activations in its own scratch and gradients in its own array,
 * then updates its share of the parameters. Tile i belongs to thread i mod threads, so results depend on the thread
 * count and on nothing else.
 */
import { defaultBetas } from '../../ops/optimisers/optimisers.ts';
import { Arena } from './arena.ts';
import { Barrier } from './barrier.ts';
import type { TileRays } from './density-net.ts';
import { instantiateKernels, type Kernels } from './kernels.ts';
import { LanguageQuery, pruneShare } from './language-query.ts';
import { LanguageTile } from './language-tile.ts';
import { type ParameterLayout, padTo4 } from './layout.ts';
import type { EnginePlan, GroupUpdate, RenderCommand, StartCommand, TrainCommand } from './messages.ts';
import { lossSlots, RadianceTile } from './radiance-tile.ts';
import type { PackJob, ThreadContext } from './thread-context.ts';

/** The parts of a scene on one thread, in the fixed order in which they take their buffers. */
export class ThreadParts {
  readonly radiance: RadianceTile;
  readonly languages: LanguageTile[];
  readonly queries: LanguageQuery[];
  private readonly radianceJobs: PackJob[];
  private readonly languageJobs: PackJob[];

  constructor(context: ThreadContext, plan: Pick<EnginePlan, 'config' | 'tileRays'>) {
    const { config, tileRays } = plan;
    this.radiance = new RadianceTile(context, config.radiance, tileRays);
    this.languages = config.languages.map((language) => new LanguageTile(context, language, tileRays));
    this.queries = this.languages.map((tile) => new LanguageQuery(context, tile, tileRays));
    this.radianceJobs = this.radiance.packJobs();
    this.languageJobs = [...this.languages, ...this.queries].flatMap((part) => part.packJobs());
  }

  packJobs(withLanguage: boolean): PackJob[] {
    return withLanguage ? [...this.radianceJobs, ...this.languageJobs] : this.radianceJobs;
  }
}

export class EngineThread {
  private readonly plan: EnginePlan;
  private readonly layout: ParameterLayout;
  private readonly thread: number;
  private readonly memory: WebAssembly.Memory;
  private readonly kernels: Kernels;
  private readonly barrier: Barrier;
  private readonly parts: ThreadParts;

  constructor({ module, memory, plan, thread }: StartCommand, layout: ParameterLayout) {
    this.plan = plan;
    this.layout = layout;
    this.thread = thread;
    this.memory = memory;
    this.kernels = instantiateKernels(module, memory);
    this.barrier = new Barrier(memory.buffer as unknown as SharedArrayBuffer, plan.barrier, plan.threads);
    this.parts = new ThreadParts(
      {
        kernels: this.kernels,
        memory,
        thread,
        threads: plan.threads,
        layout,
        addresses: plan.parameters,
        shared: new Arena(plan.sharedStart),
        scratch: new Arena(plan.scratchStart + thread * plan.scratchStride),
        zeros: plan.zeros,
      },
      plan,
    );
  }

  /** Packs weights (shared out over the threads); returns when all threads are through. */
  private pack(withLanguage: boolean): void {
    const jobs = this.parts.packJobs(withLanguage);
    for (let job = this.thread; job < jobs.length; job += this.plan.threads) jobs[job]();
    this.barrier.wait();
    if (!withLanguage) return;
    for (const language of this.parts.languages) language.buildGram();
    this.barrier.wait();
    for (const language of this.parts.languages) language.packGram();
  }

  /** Calls `work` for this thread's tiles: first ray and count. */
  private eachTile(rays: number, work: (begin: number, count: number) => void): void {
    const { tileRays, threads } = this.plan;
    for (let begin = this.thread * tileRays; begin < rays; begin += threads * tileRays)
      work(begin, Math.min(tileRays, rays - begin));
  }

  train(command: TrainCommand): number {
    const { plan } = this;
    const slots = 3 + 2 * plan.config.languages.length;
    new Float64Array(this.memory.buffer, plan.losses + this.thread * plan.lossStride, slots).fill(0);
    this.pack(command.trainLanguage);
    this.eachTile(command.rays, (begin, count) => this.trainTile(command, begin, count));
    if (command.trainLanguage) for (const language of this.parts.languages) language.finishStep();
    this.barrier.wait();
    return this.optimise(command.updates);
  }

  private trainTile(command: TrainCommand, begin: number, count: number): void {
    const { batch } = this.plan;
    const { radiance } = this.parts;
    const refine = command.refinePoses && command.trainRadiance;
    const rays: TileRays = {
      count,
      origins: batch.origins + begin * 12,
      directions: batch.directions + begin * 12,
      gradOrigins: refine ? batch.gradOrigins + begin * 12 : 0,
      gradDirections: refine ? batch.gradDirections + begin * 12 : 0,
    };
    if (refine) {
      this.kernels.clearFloats(count * 3, rays.gradOrigins);
      this.kernels.clearFloats(count * 3, rays.gradDirections);
    }
    const jitter = batch.jitter + begin * 12;
    radiance.sample(rays, jitter, command.anneal);
    if (command.trainRadiance) {
      const cameras = new Uint32Array(this.memory.buffer, batch.cameras + begin * 4, count);
      radiance.shade(rays, cameras);
      radiance.backward({
        rays,
        colours: batch.colours + begin * 12,
        cameras,
        batchRays: command.rays,
        updateProposals: command.updateProposals,
        losses: this.plan.losses + this.thread * this.plan.lossStride,
      });
    }
    if (command.trainLanguage) this.trainLanguageTile(command, rays, begin);
  }

  private trainLanguageTile(command: TrainCommand, rays: TileRays, begin: number): void {
    const { batch, config, losses, lossStride } = this.plan;
    this.parts.languages.forEach((language, index) => {
      const { heightOverFocal, validRays, dino } = command.languages[index];
      const from = batch.languages[index];
      language.encode(rays, this.parts.radiance.field);
      language.train(rays, {
        scales: from.scales + begin * 4,
        clip: from.clip + begin * language.embedding * 4,
        valid: from.valid + begin,
        dino: dino ? from.dino + begin * padTo4(config.languages[index].dinoDim) * 4 : 0,
        heightOverFocal,
        validRays,
        batchRays: command.rays,
        losses: losses + this.thread * lossStride + 8 * (lossSlots.language + 2 * index),
      });
    });
  }

  /** This thread's share of every parameter of the groups that are updated. Returns the gradients that were lost. */
  private optimise(updates: readonly GroupUpdate[]): number {
    let lost = 0;
    for (const update of updates)
      for (const { info, offset, size } of this.layout.segments)
        if (info.group === update.group) lost += this.updateSegment(update, offset, size, info.rateFactor);
    return lost;
  }

  private updateSegment(update: GroupUpdate, offset: number, size: number, rateFactor: number): number {
    const { threads, parameters } = this.plan;
    const share = Math.ceil(size / threads / 16) * 16;
    const begin = Math.min(size, this.thread * share);
    const end = Math.min(size, begin + share);
    if (begin >= end) return 0;
    const { beta1, beta2, epsilon } = defaultBetas;
    const common = [
      begin,
      end,
      parameters.values + offset * 4,
      parameters.first + offset * 4,
      parameters.second + offset * 4,
      parameters.gradients + offset * 4,
      parameters.gradientStride,
      threads,
      update.rate * rateFactor,
      beta1,
      beta2,
      update.correction1,
      update.correction2,
      epsilon,
    ];
    if (!update.radam) return this.kernels.adamUpdate(...common);
    const { rect, weightDecay } = update.radam;
    return this.kernels.radamUpdate(...common, rect > 0 ? 1 : 0, rect, weightDecay);
  }

  render(command: RenderCommand): void {
    if (command.repack) this.pack(this.parts.languages.length > 0);
    this.eachTile(command.rays, (begin, count) => this.renderTile(command, begin, count));
  }

  private renderTile(command: RenderCommand, begin: number, count: number): void {
    const { render } = this.plan;
    const { radiance, languages, queries } = this.parts;
    const rays: TileRays = {
      count,
      origins: render.origins + begin * 12,
      directions: render.directions + begin * 12,
      gradOrigins: 0,
      gradDirections: 0,
    };
    radiance.sample(rays, 0, 1);
    if (command.appearance) {
      radiance.shade(rays, undefined);
      radiance.measureDepth(rays);
      this.copy(radiance.rgb, render.rgb + begin * 12, count * 3);
      this.copy(radiance.depth, render.depth + begin * 4, count);
      this.copy(radiance.accumulation, render.accumulation + begin * 4, count);
    }
    if (command.query) {
      const { field } = command.query;
      const left = languages[field].encode(rays, radiance.field, pruneShare);
      queries[field].answer(count, left, command.query, begin);
    }
    if (command.dino) this.renderDino(command.dino.field, rays, begin);
  }

  private renderDino(field: number, rays: TileRays, begin: number): void {
    const tile = this.parts.languages[field];
    if (!tile.dino) return;
    tile.encode(rays, this.parts.radiance.field);
    tile.dino.render(rays.count, tile.features, tile.stride, tile.weights);
    const { outputs, rendered } = tile.dino;
    this.copy(rendered, this.plan.render.dino[field] + begin * outputs * 4, rays.count * outputs);
  }

  private copy(from: number, to: number, count: number): void {
    const { buffer } = this.memory;
    new Float32Array(buffer, to, count).set(new Float32Array(buffer, from, count));
  }
}
