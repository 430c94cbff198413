/**
 * An engine whose relevancy is a formula, for tests of what stands on engines: nothing is trained, everything is
 * known in advance. It also records what it was asked.
 */
import type { Engine, PhraseQuery, RayBundle, RenderRequest, RenderResult } from '../src/engines/engine.ts';
import { presetConfig } from '../src/field/config.ts';

export interface AnalyticScene {
  /** Names of the language fields; their vectors have 3 numbers. */
  languages: string[];
  /** Relevancy of a ray for a phrase vector at a scale. */
  relevancy(ray: { direction: number[]; phrase: number[]; scale: number; field: number }): number;
  /** Scene units, the same for every ray. */
  depth: number;
  /** Colour of a ray; mid grey unless given. */
  colour?(direction: number[]): [number, number, number];
}

export interface AnalyticEngine extends Engine {
  /** Requests in order. */
  readonly requests: { rays: number; request: RenderRequest }[];
}

const vectorAt = (data: Float32Array, index: number) => Array.from(data.subarray(3 * index, 3 * index + 3));

function relevancyOf(scene: AnalyticScene, rays: RayBundle, query: PhraseQuery): Float32Array {
  const phrases = query.positives.length / 3;
  const rounds = query.mode === 'sweep' ? query.scales.length : 1;
  const out = new Float32Array(rounds * phrases * rays.count);
  for (let round = 0; round < rounds; round++)
    for (let i = 0; i < phrases; i++)
      for (let ray = 0; ray < rays.count; ray++)
        out[(round * phrases + i) * rays.count + ray] = scene.relevancy({
          direction: vectorAt(rays.directions, ray),
          phrase: vectorAt(query.positives, i),
          scale: query.scales[query.mode === 'sweep' ? round : i],
          field: query.field,
        });
  return out;
}

function appearanceOf(scene: AnalyticScene, rays: RayBundle): RenderResult {
  const colour = scene.colour ?? (() => [0.5, 0.5, 0.5]);
  const rgb = Array.from({ length: rays.count }, (_, ray) => colour(vectorAt(rays.directions, ray)));
  return {
    rgb: Float32Array.from(rgb.flat()),
    depth: new Float32Array(rays.count).fill(scene.depth),
    accumulation: new Float32Array(rays.count).fill(1),
  };
}

export function analyticEngine(scene: AnalyticScene): AnalyticEngine {
  const languages = scene.languages.map((name) => ({ name, clipDim: 3, dinoDim: 0 }));
  const unsupported = () => Promise.reject(new Error('an analytic engine has no parameters'));
  const requests: AnalyticEngine['requests'] = [];
  return {
    name: 'reference',
    config: presetConfig('small', 1, languages),
    requests,
    async render(rays, request) {
      requests.push({ rays: rays.count, request });
      return {
        ...(request.appearance ? appearanceOf(scene, rays) : {}),
        ...(request.query ? { relevancy: relevancyOf(scene, rays, request.query) } : {}),
      };
    },
    trainStep: unsupported,
    readParameters: unsupported,
    writeParameters: unsupported,
    readOptimiser: unsupported,
    writeOptimiser: unsupported,
    async close() {},
  };
}
