/**
 * Gates: relevancy on the GPU against the direct form in float64, 2e-6 absolute (a sigmoid of slope up to 2.5 after float32
 * sums of unit vectors); first layer and sums of features 2e-6 relative L2. With rays of no, one and many samples, zero
 * and NaN rows, more phrases than a workgroup takes at a time, kept scales, and spaces of odd rank.
 */
import { expect, it } from 'vitest';
import { describeGpu, expectNear, type GpuBench } from '../../../test/gpu.ts';
import { largestDifference, normals, uniforms } from '../../../test/numbers.ts';
import { relevancy } from '../relevancy/relevancy.ts';
import { firstLayerAtScalesKernel, maxRank, noMap, relevancyKernel, sumFeaturesKernel } from './language-query.wgsl.ts';
import { renderEmbeddings } from './language-rendering.ts';

/** Samples of rays 1 …; ray 0 is outside the dispatch. */
const counts = [2, 0, 1, 5, 9];
const firstRay = 1;
const points = counts.reduce((sum, count) => sum + count, 0);
const starts = counts.map((_, ray) => counts.slice(0, ray).reduce((sum, count) => sum + count, 0));
const spans = Uint32Array.from(counts.flatMap((count, ray) => [starts[ray], count]));
const weights = uniforms(3, points, 0.01);
const rays = counts.length - firstRay;

/** Rows of `rank` numbers in rows of a multiple of four, filled up with zeros. */
function padded(values: ArrayLike<number>, rank: number): Float32Array {
  const stride = 4 * Math.ceil(rank / 4);
  return Float32Array.from({ length: (values.length / rank) * stride }, (_, i) =>
    i % stride < rank ? values[Math.floor(i / stride) * rank + (i % stride)] : 0,
  );
}

interface Question {
  rank: number;
  scales: number;
  phrases: number;
  canonical: number;
}

/** Rows of other blocks before and behind these. */
const [firstPoint, allPoints] = [3, points + 5];

/** Rows [sets, points, width] with numbers that must not count before and behind each set. */
function amidOthers(rows: Float32Array, sets: number): Float32Array {
  const width = rows.length / sets / points;
  const all = new Float32Array(sets * allPoints * width).fill(1e9);
  for (let set = 0; set < sets; set++)
    all.set(rows.subarray(set * points * width, (set + 1) * points * width), (set * allPoints + firstPoint) * width);
  return all;
}

/** [scales, phrases, rays] of the direct form; rows that are not finite count as zero. */
function expectedMaps({ rank, scales, phrases, canonical }: Question, rows: Float32Array, texts: Float32Array) {
  const maps = new Float64Array(scales * phrases * rays);
  for (let scale = 0; scale < scales; scale++)
    for (let ray = 0; ray < rays; ray++) {
      const [start, samples] = [starts[ray + firstRay], counts[ray + firstRay]];
      const at = (scale * points + start) * rank;
      const own = Float64Array.from(rows.subarray(at, at + samples * rank));
      for (let j = 0; j < samples; j++)
        if (own.subarray(j * rank, (j + 1) * rank).some((v) => !Number.isFinite(v)))
          own.fill(0, j * rank, (j + 1) * rank);
      const shape = { rays: 1, samples, dim: rank };
      const embedding = renderEmbeddings(shape, own, weights.subarray(start, start + samples));
      const scores = relevancy(rank, embedding, texts.subarray(canonical * rank), texts.subarray(0, canonical * rank));
      scores.forEach((score, phrase) => {
        maps[(scale * phrases + phrase) * rays + ray] = score;
      });
    }
  return maps;
}

async function ask(gpu: GpuBench, question: Question, rows: Float32Array, texts: Float32Array, slots: Uint32Array) {
  const { rank, scales, phrases, canonical } = question;
  // Scales 1 … of the slots are asked; the maps have room for ray 0, too.
  const maps = await gpu.floats(new Float32Array(scales * phrases * counts.length).fill(-1));
  const vectors = Math.ceil(rank / 4);
  const params = {
    rays,
    firstRay,
    points: allPoints,
    firstPoint,
    vectors,
    scales,
    firstScale: 1,
    phrases,
    canonical,
    mapRays: counts.length,
  };
  const buffers = {
    rows: await gpu.floats(amidOthers(padded(rows, rank), scales)),
    listWeights: await gpu.floats(weights),
    spans: await gpu.place('u32', spans),
    texts: await gpu.floats(padded(texts, rank)),
    slots: await gpu.place('u32', Uint32Array.of(...new Uint32Array(phrases).fill(noMap), ...slots)),
    maps,
  };
  await gpu.run(relevancyKernel, { params, buffers });
  return gpu.read(maps);
}

const numbered = ({ scales, phrases }: Question) => Uint32Array.from({ length: scales * phrases }, (_, i) => i);

describeGpu('language query kernels', (gpu) => {
  for (const question of [
    { rank: 10, scales: 3, phrases: 1, canonical: 4 },
    { rank: 256, scales: 1, phrases: 3, canonical: 2 },
    { rank: 261, scales: 2, phrases: 70, canonical: 1 },
    { rank: 1, scales: 1, phrases: 1, canonical: 1 },
  ])
    it(`score ${question.phrases} phrases at ${question.scales} scales in ${question.rank} numbers`, async () => {
      const { rank, scales, phrases, canonical } = question;
      const rows = normals(1, scales * points * rank);
      rows.fill(0, 3 * rank, 4 * rank); // a dead row of ray 3
      rows[(points - 1) * rank] = Number.NaN;
      rows[(points - 2) * rank] = Number.POSITIVE_INFINITY;
      const texts = normals(2, (canonical + phrases) * rank).map((v) => v / Math.sqrt(rank));
      const maps = await ask(gpu, question, rows, texts, numbered(question));
      expect(maps.filter((_, i) => i % counts.length < firstRay).every((v) => v === -1)).toBe(true);
      const actual = maps.filter((_, i) => i % counts.length >= firstRay);
      expect(largestDifference(actual, expectedMaps(question, rows, texts))).toBeLessThan(2e-6);
    });

  it('write the maps that are wanted, and no others', async () => {
    const question = { rank: 6, scales: 3, phrases: 2, canonical: 2 };
    const [rows, texts] = [normals(1, 3 * points * 6), normals(2, 4 * 6)];
    const slots = Uint32Array.of(noMap, 1, noMap, noMap, 0, noMap);
    const maps = await ask(gpu, question, rows, texts, slots);
    const expected = expectedMaps(question, rows, texts);
    const map = (slot: number) => maps.subarray(slot * counts.length + firstRay, (slot + 1) * counts.length);
    const wanted = (index: number) => expected.subarray(index * rays, (index + 1) * rays);
    expect(largestDifference(map(0), wanted(4))).toBeLessThan(2e-6);
    expect(largestDifference(map(1), wanted(1))).toBeLessThan(2e-6);
    expect(maps.subarray(2 * counts.length).every((v) => v === -1)).toBe(true);
  });

  it('give one half where nothing was rendered, do nothing for no rays, and refuse spaces that do not fit', async () => {
    const question = { rank: 4, scales: 1, phrases: 1, canonical: 1 };
    const maps = await ask(gpu, question, new Float32Array(points * 4), normals(2, 8), numbered(question));
    expect(Array.from(maps)).toEqual([-1, 0.5, 0.5, 0.5, 0.5]);
    const none = {
      rays: 0,
      firstRay,
      points,
      firstPoint,
      scales: 1,
      firstScale: 0,
      phrases: 1,
      canonical: 1,
      mapRays: 1,
    };
    expect(relevancyKernel.groups({ ...none, vectors: 1 })).toBe(0);
    expect(() => relevancyKernel.groups({ ...none, vectors: maxRank / 4 + 1 })).toThrow(/row space of 516/);
  });

  it('shift the first layer to each scale', async () => {
    const [width, inputs, scaleRow, scales] = [12, 3, 2, 4];
    const [base, weight, values] = [
      normals(1, points * width),
      normals(2, inputs * width),
      uniforms(3, scales + 1, 0, 1.5),
    ];
    const hidden = await gpu.zeros('f32', scales * points * width);
    const params = { points, vectors: width / 4, scales, firstScale: 1, scaleRow };
    const buffers = {
      base: await gpu.floats(base),
      weight: await gpu.floats(weight),
      scales: await gpu.floats(values),
      hidden,
    };
    await gpu.run(firstLayerAtScalesKernel, { params, buffers });
    const expected = Float64Array.from({ length: hidden.length }, (_, i) => {
      const scale = values[1 + Math.floor(i / (points * width))];
      return Math.max(0, base[i % (points * width)] + scale * weight[scaleRow * width + (i % width)]);
    });
    expectNear(await gpu.read(hidden), expected, 2e-6);
  });

  it('sum hidden features along rays', async () => {
    const width = 8;
    const rows = normals(1, points * width);
    const sums = await gpu.zeros('f32', rays * width);
    const buffers = {
      rows: await gpu.floats(amidOthers(rows, 1)),
      listWeights: await gpu.floats(weights),
      spans: await gpu.place('u32', spans),
      sums,
    };
    await gpu.run(sumFeaturesKernel, { params: { rays, firstRay, firstPoint, vectors: width / 4 }, buffers });
    const expected = new Float64Array(rays * width);
    for (let ray = 0; ray < rays; ray++)
      for (let j = 0; j < counts[ray + firstRay]; j++)
        for (let c = 0; c < width; c++) {
          const row = starts[ray + firstRay] + j;
          expected[ray * width + c] += weights[row] * rows[row * width + c];
        }
    expectNear(await gpu.read(sums), expected, 2e-6);
  });
});
