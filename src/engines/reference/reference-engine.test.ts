/** The engine as its users see it: training, optimiser state, rendering, parameters in and out. */
import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../field/initialise.ts';
import type { PhraseQuery, StepLosses, StepSettings, TrainingBatch } from '../engine.ts';
import { ReferenceEngine } from './reference-engine.ts';
import { tinyBatch, tinyConfig } from './tiny-scene.fixture.ts';

const settings: StepSettings = {
  step: 0,
  trainRadiance: true,
  trainLanguage: true,
  updateProposals: true,
  anneal: 1,
  learningRates: { proposal: 0.01, fields: 0.01, camera: 0.001, language: 0.01 },
};

/** The tiny batch of photos that show one colour, which ten steps can learn. */
function toyBatch({ config }: ReferenceEngine): TrainingBatch {
  const batch = tinyBatch(config);
  return { ...batch, colours: batch.colours.map((_, index) => [0.8, 0.3, 0.1][index % 3]) };
}

async function train(engine: ReferenceEngine, steps: number): Promise<StepLosses[]> {
  const losses: StepLosses[] = [];
  for (let step = 0; step < steps; step++) losses.push(await engine.trainStep(toyBatch(engine), { ...settings, step }));
  return losses;
}

describe('training', () => {
  it('lowers every data loss: rgb in every one of ten steps, language in every later ten', async () => {
    const losses = await train(new ReferenceEngine(tinyConfig(), { seed: 4 }), 60);
    const rgb = losses.map((step) => step.rgb);
    const clip = losses.map((step) => step.clip[0]);
    const dino = losses.map((step) => step.dino[0]);
    for (let step = 1; step < 10; step++) expect(rgb[step], `${rgb}`).toBeLessThan(rgb[step - 1]);
    expect(rgb[9]).toBeLessThan(0.1 * rgb[0]);
    // RAdam begins as plain momentum: its first steps may go up.
    for (const curve of [clip, dino]) {
      for (let step = 19; step < 60; step += 10) expect(curve[step], `${curve}`).toBeLessThan(curve[step - 10]);
      expect(curve[59]).toBeLessThan(0.95 * curve[0]);
    }
  });

  it('moves language fields by RAdam, which starts as plain momentum', async () => {
    const engine = new ReferenceEngine(tinyConfig());
    const batch = tinyBatch(engine.config);
    const before = await engine.readParameters();
    const { gradients } = await engine.gradients(batch, settings);
    await engine.trainStep(batch, settings);
    const after = await engine.readParameters();
    const gradient = gradients.get('language.none.clip.1.weight')!;
    expect(gradient.some((value) => Math.abs(value) > 1e-4)).toBe(true);
    gradient.forEach((value, i) => {
      const start = before.get('language.none.clip.1.weight')![i];
      expect(after.get('language.none.clip.1.weight')![i]).toBeCloseTo(start - 0.01 * value, 7);
    });
  });

  it('starts from the initial parameters of its seed', async () => {
    const engine = new ReferenceEngine(tinyConfig(), { seed: 4 });
    expect(await engine.readParameters()).toEqual(initialParameters(tinyConfig(), 4));
  });

  it('moves a bias that stands for k columns of ones by k times the rate', async () => {
    const engine = new ReferenceEngine(tinyConfig());
    const before = await engine.readParameters();
    await engine.trainStep(tinyBatch(engine.config), settings);
    const after = await engine.readParameters();
    // The first Adam step is ± the rate. The colour head has 35 inputs, so 13 ones are appended.
    const moved = (name: string) =>
      after.get(name)!.reduce((most, value, i) => Math.max(most, Math.abs(value - before.get(name)![i])), 0);
    expect(moved('radiance.colour.0.weight')).toBeCloseTo(0.01, 4);
    expect(moved('radiance.colour.0.bias')).toBeCloseTo(0.13, 4);
  });

  it('steps only groups that have gradients, and counts their steps', async () => {
    const engine = new ReferenceEngine(tinyConfig());
    const batch = tinyBatch(engine.config);
    await engine.trainStep(batch, settings);
    const before = await engine.readParameters();
    await engine.trainStep(batch, { ...settings, updateProposals: false });
    await engine.trainStep(batch, { ...settings, trainRadiance: false });
    const after = await engine.readParameters();
    expect((await engine.readOptimiser()).steps).toEqual({ proposal: 1, fields: 2, camera: 2, language: 3 });
    expect(after.get('proposal.0.grid')).toEqual(before.get('proposal.0.grid'));
    expect(after.get('radiance.grid')).not.toEqual(before.get('radiance.grid'));
  });

  it('continues from written parameters and optimiser state where it left off', async () => {
    const straight = new ReferenceEngine(tinyConfig());
    await train(straight, 2);
    const resumed = new ReferenceEngine(tinyConfig(), { seed: 9 });
    await resumed.writeParameters(await straight.readParameters());
    await resumed.writeOptimiser(await straight.readOptimiser());
    const [expected] = await train(straight, 1);
    const [actual] = await train(resumed, 1);
    expect(actual.rgb).toBeCloseTo(expected.rgb, 6);
    const parameters = await straight.readParameters();
    for (const [name, values] of await resumed.readParameters())
      values.forEach((value, i) => {
        expect(value, name).toBeCloseTo(parameters.get(name)![i], 4);
      });
  });

  it('gives gradients without stepping', async () => {
    const engine = new ReferenceEngine(tinyConfig());
    const before = await engine.readParameters();
    const { losses, gradients } = await engine.gradients(tinyBatch(engine.config), settings);
    expect(await engine.readParameters()).toEqual(before);
    expect(losses).toEqual(await engine.trainStep(tinyBatch(engine.config), settings));
    expect([...gradients.keys()].sort()).toEqual([...before.keys()].sort());
  });
});

describe('rendering', () => {
  const query = (scales: number[], mode: PhraseQuery['mode']): PhraseQuery => ({
    field: 1,
    positives: Float32Array.from({ length: 20 }, (_, i) => (i === 0 || i === 12 ? 1 : 0)),
    negatives: Float32Array.from({ length: 30 }, (_, i) => (i % 10 === Math.floor(i / 10) + 5 ? 1 : 0)),
    scales: Float32Array.from(scales),
    mode,
  });

  it('gives exactly what was asked for, in the documented shapes', async () => {
    const engine = new ReferenceEngine(tinyConfig());
    const rays = tinyBatch(engine.config);
    const all = await engine.render(rays, {
      appearance: true,
      query: query([0, 0.5, 1], 'sweep'),
      dino: { field: 0 },
    });
    expect(all.rgb!.length).toBe(48);
    expect(all.depth!.length).toBe(16);
    expect(all.accumulation!.length).toBe(16);
    expect(all.dino!.length).toBe(16 * 6);
    expect(all.relevancy!.length).toBe(3 * 2 * 16);
    expect(Object.keys(await engine.render(rays, { appearance: false }))).toEqual([]);
  });

  it('projects the embedding that relevancies are of onto any directions', async () => {
    const engine = new ReferenceEngine(tinyConfig());
    await train(engine, 3);
    const rays = tinyBatch(engine.config);
    const dim = engine.config.languages[1].clipDim;
    const project = async (directions: Float32Array) =>
      (await engine.render(rays, { appearance: false, projections: { field: 1, directions, scale: 0.5 } }))
        .projections!;
    const axes = await project(Float32Array.from({ length: dim * dim }, (_, i) => (i % (dim + 1) === 0 ? 1 : 0)));
    expect(axes.length).toBe(dim * rays.count);
    const embedding = (ray: number) => Array.from({ length: dim }, (_, d) => axes[d * rays.count + ray]);
    const asked = query([0.5], 'sweep');
    const negatives = await project(asked.negatives);
    const { relevancy } = await engine.render(rays, { appearance: false, query: asked });
    for (let ray = 0; ray < rays.count; ray++) {
      expect(Math.hypot(...embedding(ray))).toBeCloseTo(1, 6);
      const best = Math.max(...[0, 1, 2].map((k) => negatives[k * rays.count + ray]));
      for (const phrase of [0, 1]) {
        const positive = asked.positives.subarray(phrase * dim, (phrase + 1) * dim);
        const cosine = embedding(ray).reduce((sum, value, d) => sum + value * positive[d], 0);
        expect(relevancy![phrase * rays.count + ray]).toBeCloseTo(1 / (1 + Math.exp(-10 * (cosine - best))), 5);
      }
    }
    const without = { ...asked, negatives: new Float32Array() };
    await expect(engine.render(rays, { appearance: false, query: without })).rejects.toThrow(/canonical/);
  });

  it("keeps each phrase's scale as the sweep shows it", async () => {
    const engine = new ReferenceEngine(tinyConfig());
    await train(engine, 3);
    const rays = tinyBatch(engine.config);
    const sweep = (await engine.render(rays, { appearance: false, query: query([0, 0.5, 1], 'sweep') })).relevancy!;
    const kept = (await engine.render(rays, { appearance: false, query: query([1, 0.5], 'kept') })).relevancy!;
    expect([...kept.slice(0, 16)]).toEqual([...sweep.slice(4 * 16, 5 * 16)]);
    expect([...kept.slice(16)]).toEqual([...sweep.slice(3 * 16, 4 * 16)]);
    expect(kept.slice(0, 16)).not.toEqual(sweep.slice(0, 16));
    await expect(engine.render(rays, { appearance: false, query: query([1], 'kept') })).rejects.toThrow(RangeError);
  });

  it('does not apply pose refinement, and shows the mean appearance', async () => {
    const engine = new ReferenceEngine(tinyConfig());
    const rays = tinyBatch(engine.config);
    const request = { appearance: true };
    const { rgb } = await engine.render(rays, request);
    const parameters = await engine.readParameters();
    parameters.get('camera.pose')!.fill(0.3);
    const table = parameters.get('radiance.appearance')!;
    const rotated = table.map((_, index) => table[(index + 4) % table.length]);
    await engine.writeParameters(new Map(parameters).set('radiance.appearance', rotated));
    const after = (await engine.render(rays, request)).rgb!;
    rgb!.forEach((value, i) => {
      expect(after[i]).toBeCloseTo(value, 6);
    });
    await engine.writeParameters(
      new Map(parameters).set(
        'radiance.appearance',
        table.map((value) => value + 1),
      ),
    );
    expect((await engine.render(rays, request)).rgb).not.toEqual(rgb);
  });
});

describe('parameters', () => {
  it('are refused when one is missing or has another length', async () => {
    const engine = new ReferenceEngine(tinyConfig());
    const parameters = await engine.readParameters();
    parameters.set('radiance.grid', new Float32Array(3));
    await expect(engine.writeParameters(parameters)).rejects.toThrow(/radiance\.grid has 3 elements; expected \d+/);
    parameters.delete('radiance.grid');
    await expect(engine.writeParameters(parameters)).rejects.toThrow(/radiance\.grid has no elements/);
  });
});
