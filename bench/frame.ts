/**
 * Time of a 128 × 96 frame with one phrase on the `small` scene: exhaustive search over 30 scales, and with the scale
 * kept. The parameters are the initial ones, for which every one of a ray's samples carries weight: pruning saves
 * nothing here, so trained scenes are faster.
 */
import type { PhraseQuery } from '../src/engines/engine.ts';
import { WasmEngine } from '../src/engines/wasm/wasm-engine.ts';
import { initialParameters } from '../src/field/initialise.ts';
import { nodePlatform } from '../src/platform/node/index.ts';
import type { Bench } from './bench.ts';
import { median, printTable, round } from './measure.ts';
import { randomBatch, randomRays, smallScene } from './scene.ts';

const [width, height] = [128, 96];

export const run: Bench = async ({ threads, repeats }) => {
  const config = smallScene();
  const parameters = initialParameters(config, 1);
  const engine = await WasmEngine.create(config, nodePlatform(), { threads, parameters, raysPerStep: 1 });
  const rays = randomRays(width * height, 3);
  const texts = randomBatch(config, 5, 9).languages[0].clip;
  const query: Omit<PhraseQuery, 'scales' | 'mode'> = {
    field: 0,
    positives: texts.slice(0, 512),
    negatives: texts.slice(512, 5 * 512),
  };
  const scales = Float32Array.from({ length: 30 }, (_, i) => (1.5 * i) / 29);
  const time = async (sweep: boolean): Promise<number> => {
    const start = performance.now();
    const asked = { ...query, scales: sweep ? scales : scales.slice(7, 8), mode: sweep ? 'sweep' : 'kept' } as const;
    await engine.render(rays, { appearance: true, query: asked });
    return (performance.now() - start) / 1000;
  };
  const [exhaustive, kept]: [number[], number[]] = [[], []];
  for (let round = 0; round <= repeats; round++) {
    const [a, b] = [await time(true), await time(false)];
    if (round === 0) continue;
    exhaustive.push(a);
    kept.push(b);
  }
  await engine.close();
  const result = {
    secondsExhaustive: round(median(exhaustive), 3),
    secondsKept: round(median(kept), 3),
    size: `${width}x${height}`,
  };
  printTable([
    [`frame ${result.size}, one phrase`, 'median s', 'best s'],
    ['30 scales, exhaustive', result.secondsExhaustive, round(Math.min(...exhaustive), 3)],
    ['scale kept', result.secondsKept, round(Math.min(...kept), 3)],
  ]);
  return { ...result, threads };
};
