import { describe, expect, it } from 'vitest';
import { type AnalyticScene, analyticEngine } from '../../test/analytic-engine.ts';
import { pixelRay } from '../math/rays.ts';
import { viewCamera } from '../math/views.ts';
import { answerView, sweepScales } from './answer-view.ts';

const pose = Float64Array.of(1, 0, 0, 0.5, 0, 1, 0, -0.25, 0, 0, 1, 2);
const camera = viewCamera(pose, 24, 16, 50);
/** The phrase's vector is the direction in which its object lies. */
const towards = (row: number, col: number) => pixelRay(camera, row, col).direction;
const vectors = (...directions: ArrayLike<number>[]) => Float32Array.from(directions.flatMap((d) => Array.from(d)));
const negatives = new Float32Array(3);
const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** A bump of height `amplitude(scale)` around the phrase's direction, on 0.35. */
const bumps = (amplitude: (scale: number, field: number) => number): AnalyticScene => ({
  languages: ['panoptic', 'none'],
  depth: 3,
  relevancy: ({ direction, phrase, scale, field }) =>
    0.35 + amplitude(scale, field) * Math.max(0, dot(direction, phrase)) ** 2000,
});
const fox = { phrases: ['red fox'], positives: vectors(towards(4, 17)), negatives };

describe('the exhaustive choice of scale', () => {
  it('sweeps 30 scales from 0 to 1.5', () => {
    expect(sweepScales).toHaveLength(30);
    expect([sweepScales[0], sweepScales[29]]).toEqual([0, 1.5]);
    expect(sweepScales[1]).toBeCloseTo(0.0517241, 6);
  });

  it('takes the scale of the highest single pixel and finds the peak in the picture and in space', async () => {
    const engine = analyticEngine(bumps((scale) => 0.3 - Math.abs(scale - sweepScales[11])));
    const answer = await answerView(engine, camera, fox, [0], { chunkRays: 100 });
    const [{ field, phrases }] = answer.fields;
    expect(field).toBe('panoptic');
    const [{ scale, peak, found, relevancy }] = phrases;
    expect(scale).toBe(sweepScales[11]);
    expect([peak.row, peak.col, found]).toEqual([4, 17, true]);
    expect(peak.relevancy).toBeCloseTo(0.65, 5);
    expect(relevancy[4 * 24 + 17]).toBe(peak.relevancy);
    expect(peak.depth).toBe(3);
    const direction = towards(4, 17);
    [0.5, -0.25, 2].forEach((origin, axis) => {
      expect(peak.position[axis]).toBeCloseTo(origin + 3 * direction[axis], 5);
    });
  });

  it('tells how the phrase shows at every scale', async () => {
    const engine = analyticEngine(bumps((scale) => 0.3 - Math.abs(scale - sweepScales[11])));
    const { curve } = (await answerView(engine, camera, fox, [0], { chunkRays: 100 })).fields[0].phrases[0];
    expect(curve).toHaveLength(30);
    sweepScales.forEach((scale, i) => {
      expect(curve?.[i]).toBeCloseTo(0.35 + Math.max(0, 0.3 - Math.abs(scale - sweepScales[11])), 2);
    });
  });

  it('lets the first of equal scales win', async () => {
    const engine = analyticEngine(bumps((scale) => (scale >= sweepScales[5] && scale <= sweepScales[9] ? 0.2 : 0.1)));
    const answer = await answerView(engine, camera, fox, [0]);
    expect(answer.fields[0].phrases[0].scale).toBe(sweepScales[5]);
  });

  it('chooses per phrase and per field, over all chunks', async () => {
    const scene = bumps(() => 0);
    scene.relevancy = ({ direction, phrase, scale, field }) => {
      // The first phrase prefers scale 3, the second 20; in the second field both prefer 7.
      const best = sweepScales[field === 1 ? 7 : phrase[0] > 0 ? 3 : 20];
      return 0.3 + (scale === best ? 0.4 : 0.2) * Math.max(0, dot(direction, phrase)) ** 2000;
    };
    const texts = {
      phrases: ['right', 'left'],
      positives: vectors(towards(15, 23), towards(0, 0)),
      negatives,
    };
    const answer = await answerView(analyticEngine(scene), camera, texts, [0, 1], { chunkRays: 7 });
    const found = answer.fields.map(({ field, phrases }) => [
      field,
      ...phrases.map(({ scale, peak }) => [sweepScales.indexOf(scale), peak.row, peak.col]),
    ]);
    expect(found).toEqual([
      ['panoptic', [3, 15, 23], [20, 0, 0]],
      ['none', [7, 15, 23], [7, 0, 0]],
    ]);
  });

  it('renders every ray once per field, and colours only in the first pass', async () => {
    const engine = analyticEngine(bumps(() => 0.2));
    let rays = 0;
    await answerView(engine, camera, fox, [0, 1], { chunkRays: 200, onRays: (count) => (rays += count) });
    expect(rays).toBe(2 * 24 * 16);
    expect(engine.requests.map((asked) => [asked.rays, asked.request.appearance, asked.request.query?.mode])).toEqual([
      [200, true, 'sweep'],
      [184, true, 'sweep'],
      [200, false, 'sweep'],
      [184, false, 'sweep'],
    ]);
  });

  it('gives the same answer when the maps do not fit the memory budget', async () => {
    const scene = bumps((scale) => 0.3 - Math.abs(scale - sweepScales[11]));
    const texts = { phrases: ['a', 'b'], positives: vectors(towards(4, 17), towards(9, 2)), negatives };
    const rich = await answerView(analyticEngine(scene), camera, texts, [0], { chunkRays: 100 });
    const poorEngine = analyticEngine(scene);
    const poor = await answerView(poorEngine, camera, texts, [0], { chunkRays: 100, mapBudget: 1000 });
    expect(poor).toEqual(rich);
    expect(poorEngine.requests.filter(({ request }) => request.query?.mode === 'kept')).toHaveLength(4);
  });
});

describe('kept scales', () => {
  it('renders each phrase at its own scale only', async () => {
    const scene = bumps((scale) => scale / 3);
    const engine = analyticEngine(scene);
    const texts = { phrases: ['a', 'b'], positives: vectors(towards(4, 17), towards(9, 2)), negatives };
    const answer = await answerView(engine, camera, texts, [1], { keptScales: [[0.75, 1.5]] });
    const [{ field, phrases }] = answer.fields;
    expect(field).toBe('none');
    expect(phrases.map(({ scale }) => scale)).toEqual([0.75, 1.5]);
    expect(phrases[0].peak.relevancy).toBeCloseTo(0.6, 3);
    expect(phrases[1].peak.relevancy).toBeCloseTo(0.85, 3);
    expect(engine.requests.map(({ request }) => request.query?.mode)).toEqual(['kept']);
  });
});

it('says plainly when nothing exceeds 0.5', async () => {
  const answer = await answerView(analyticEngine(bumps(() => 0.149)), camera, fox, [0]);
  const [{ found, peak }] = answer.fields[0].phrases;
  expect(found).toBe(false);
  expect(peak.relevancy).toBeCloseTo(0.499, 6);
});
