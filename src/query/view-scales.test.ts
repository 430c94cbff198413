/** Coarsely chosen scales of a view against the exhaustive answer, with an engine whose relevancy is a formula. */
import { expect, it } from 'vitest';
import { analyticEngine } from '../../test/analytic-engine.ts';
import { viewCamera } from '../math/views.ts';
import { answerView, sweepScales } from './answer-view.ts';
import { chooseViewScales } from './view-scales.ts';

const camera = viewCamera(Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0), 50, 38, 60);
const texts = {
  phrases: ['left', 'right'],
  positives: Float32Array.of(-0.3, 0.1, -1, 0.35, -0.2, -1),
  negatives: Float32Array.of(0, 0, 1),
};

/** A bump around the phrase's direction, highest at a scale that the phrase's own x decides. */
const engine = analyticEngine({
  languages: ['field'],
  depth: 1,
  relevancy: ({ direction, phrase, scale }) => {
    const distance = Math.hypot(direction[0] / -direction[2] - phrase[0], direction[1] / -direction[2] - phrase[1]);
    return 0.9 * Math.exp(-((distance / 0.1) ** 2)) * Math.exp(-((scale - 0.8 - phrase[0]) ** 2));
  },
});

it('chooses the scales that the exhaustive answer has, with a fraction of the rays', async () => {
  const { choices, scales } = await chooseViewScales(engine, camera, texts, 0, { candidates: 4, chunkRays: 37 });
  const rays = engine.requests.reduce((sum, request) => sum + request.rays, 0);
  expect(rays).toBeLessThan((camera.width * camera.height) / 4);
  const exhaustive = await answerView(engine, camera, texts, [0]);
  const wanted = exhaustive.fields[0].phrases;
  expect(Array.from(scales)).toEqual(wanted.map(({ scale }) => scale));
  expect(scales[0]).toBeLessThan(scales[1]);
  expect(choices.map(({ index }) => sweepScales[index])).toEqual(Array.from(scales));
  const kept = await answerView(engine, camera, texts, [0], { keptScales: [Array.from(scales)] });
  expect(kept.fields[0].phrases.map(({ peak }) => peak)).toEqual(wanted.map(({ peak }) => peak));
});
