/** Rendering on the CPU engine: any number of rays, cut into calls that fit the rendering buffers. */
import type { LanguageConfig, SceneConfig } from '../../field/config.ts';
import type { PhraseQuery, RayBundle, RenderRequest, RenderResult } from '../engine.ts';
import { queryOfProjections, requireCanonical } from '../projections.ts';
import type { Kernels } from './kernels.ts';
import type { QueryPlan } from './language-query.ts';
import { findSegment, type ParameterLayout, padTo4 } from './layout.ts';
import type { KernelMemory } from './memory.ts';
import type { EnginePlan, RenderCommand } from './messages.ts';
import { QueryMemory } from './query-memory.ts';

export class RenderCalls {
  private readonly memory: KernelMemory;
  private readonly layout: ParameterLayout;
  private readonly plan: EnginePlan;
  private readonly renderRays: number;
  private readonly queries: QueryMemory;
  private readonly command: (command: RenderCommand) => Promise<unknown>;
  private repack = true;

  constructor(
    memory: KernelMemory,
    kernels: Kernels,
    layout: ParameterLayout,
    plan: EnginePlan,
    renderRays: number,
    command: (command: RenderCommand) => Promise<unknown>,
  ) {
    this.memory = memory;
    this.layout = layout;
    this.plan = plan;
    this.renderRays = renderRays;
    this.command = command;
    this.queries = new QueryMemory(memory, kernels, plan.config.languages);
  }

  /** The parameters are no longer those that were packed. */
  markChanged(): void {
    this.repack = true;
  }

  async render(rays: RayBundle, request: RenderRequest, config: SceneConfig): Promise<RenderResult> {
    const { projections, ...others } = request;
    if (request.query === undefined || projections === undefined) return this.renderAll(rays, request, config);
    // Both take the same buffers, so they take turns.
    const first = await this.renderAll(rays, others, config);
    return { ...first, ...(await this.renderAll(rays, { appearance: false, projections }, config)) };
  }

  /** A request with a query or with projections, not with both. */
  private async renderAll(rays: RayBundle, request: RenderRequest, config: SceneConfig): Promise<RenderResult> {
    const asked = this.queryOf(request, config);
    const query = asked && this.prepareQuery(asked, config);
    const result = this.emptyResult(rays.count, request, config, query);
    const callRays = query && asked ? this.queries.callRays(asked, query.phrases, this.renderRays) : this.renderRays;
    for (let begin = 0; begin < rays.count; begin += callRays) {
      const count = Math.min(callRays, rays.count - begin);
      this.writeRays(rays, begin, count);
      await this.command({
        kind: 'render',
        rays: count,
        repack: this.repack,
        appearance: request.appearance,
        query: query && { ...query, outStride: count },
        dino: request.dino,
      });
      this.repack = false;
      this.readCall(result, request, config, query, begin, count, rays.count);
    }
    return result;
  }

  private queryOf({ query, projections }: RenderRequest, config: SceneConfig): PhraseQuery | undefined {
    if (projections) return queryOfProjections(projections, this.language(config, projections.field).clipDim);
    if (query) requireCanonical(query);
    return query;
  }

  private language({ languages }: SceneConfig, field: number): LanguageConfig {
    const language = languages[field];
    if (!language) throw new RangeError(`the scene has no language field ${field}`);
    return language;
  }

  private prepareQuery(query: PhraseQuery, config: SceneConfig): Omit<QueryPlan, 'outStride'> {
    const language = this.language(config, query.field);
    const segment = findSegment(this.layout, `language.${language.name}.clip.${language.hiddenLayers}.weight`);
    const last = this.memory.floats(this.plan.parameters.values + segment.offset * 4, segment.size);
    return this.queries.prepare(query, language, last);
  }

  private emptyResult(
    count: number,
    request: RenderRequest,
    config: SceneConfig,
    query: Omit<QueryPlan, 'outStride'> | undefined,
  ): RenderResult {
    const result: RenderResult = {};
    if (request.appearance) {
      result.rgb = new Float32Array(count * 3);
      result.depth = new Float32Array(count);
      result.accumulation = new Float32Array(count);
    }
    if (query) result[mapsOf(request)] = new Float32Array(count * this.mapCount(query));
    if (request.dino) result.dino = new Float32Array(count * config.languages[request.dino.field].dinoDim);
    return result;
  }

  private mapCount(query: Omit<QueryPlan, 'outStride'>): number {
    return query.mode === 'sweep' ? query.scales.length * query.phrases : query.phrases;
  }

  private writeRays(rays: RayBundle, begin: number, count: number): void {
    const { origins, directions } = this.plan.render;
    this.memory.floats(origins, count * 3).set(rays.origins.subarray(begin * 3, (begin + count) * 3));
    this.memory.floats(directions, count * 3).set(rays.directions.subarray(begin * 3, (begin + count) * 3));
  }

  private readCall(
    result: RenderResult,
    request: RenderRequest,
    config: SceneConfig,
    query: Omit<QueryPlan, 'outStride'> | undefined,
    begin: number,
    count: number,
    total: number,
  ): void {
    const { render } = this.plan;
    result.rgb?.set(this.memory.floats(render.rgb, count * 3), begin * 3);
    result.depth?.set(this.memory.floats(render.depth, count), begin);
    result.accumulation?.set(this.memory.floats(render.accumulation, count), begin);
    const maps = result[mapsOf(request)];
    if (query && maps)
      for (let map = 0; map < this.mapCount(query); map++)
        maps.set(this.memory.floats(query.out + map * count * 4, count), map * total + begin);
    if (request.dino && result.dino) {
      const { dinoDim } = config.languages[request.dino.field];
      const padded = padTo4(dinoDim);
      const rows = this.memory.floats(render.dino[request.dino.field], count * padded);
      for (let r = 0; r < count; r++)
        result.dino.set(rows.subarray(r * padded, r * padded + dinoDim), (begin + r) * dinoDim);
    }
  }
}

/** Which result the maps of a call's texts are. */
const mapsOf = ({ projections }: RenderRequest) => (projections ? 'projections' : 'relevancy');
