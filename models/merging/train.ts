/**
 * `node models/merging/train.ts --data <folder> [--pictures 120] [--rounds 3]`: trains the merging network of the built-in
 * segmenter and writes src/regions/merging-weights.ts. See README.md.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nodePlatform } from '../../src/platform/node/index.ts';
import { type MergingNetwork, networkLogit } from '../../src/regions/merging-network.ts';
import { pairFeatureCount } from '../../src/regions/pair-features.ts';
import { resolveSegmenterSettings } from '../../src/regions/segmenter-options.ts';
import { drawFrom } from '../../src/scenes/draw.ts';
import { addExamples, bestOverlaps, type Examples, type Pieces, piecesOf } from './examples.ts';
import { fitNetwork } from './fit-network.ts';
import { pictureOf } from './pictures.ts';

const { values: given } = parseArgs({
  options: {
    data: { type: 'string' },
    pictures: { type: 'string', default: '120' },
    rounds: { type: 'string', default: '3' },
    out: { type: 'string', default: fileURLToPath(new URL('../../src/regions/merging-weights.ts', import.meta.url)) },
  },
});
if (!given.data) throw new Error('give --data <folder>, where rendered pictures are kept');
const folder = given.data;
const [pictures, rounds] = [Number(given.pictures), Number(given.rounds)];

const { images } = nodePlatform();
const settings = resolveSegmenterSettings();
/** Every tenth picture is held out. */
const isHeldOut = (number: number) => number % 10 === 9;
/** Of the pairs that are judged. */
const share = 0.2;
const capacity = 4_000_000;

const training: Pieces[] = [];
const heldOut: Pieces[] = [];
for (let number = 0; number < pictures; number++) {
  const picture = pictureOf(number, folder);
  if (isHeldOut(number)) heldOut.push(await piecesOf(picture, settings, images, 0));
  // Each as it was rendered and like a photograph.
  else for (const seed of [0, number + 1]) training.push(await piecesOf(picture, settings, images, seed));
  if (number % 20 === 19) console.log(`${number + 1} pictures`);
}

const examples: Examples = {
  count: 0,
  features: new Float32Array(capacity * pairFeatureCount),
  targets: new Float32Array(capacity),
  weights: new Float32Array(capacity),
};
let network: MergingNetwork = [];
const rule = score(heldOut, 5, () => 0);
console.log(`the rule alone, merge limit 5: ${rule.overlap.toFixed(4)}, ${rule.regions.toFixed(1)} regions`);
for (let round = 0; round < rounds; round++) {
  gather(round);
  console.log(
    `round ${round}: ${examples.count} examples, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB, ${Math.round(performance.now() / 1000)} s`,
  );
  const fitted = fitNetwork(examples, {
    hidden: [24, 12],
    epochs: 3,
    batch: 64,
    learningRate: 2e-3,
    decay: 1e-3,
    seed: 1,
  });
  network = fitted.network;
  console.log(`round ${round}: ${examples.count} examples, loss ${fitted.loss.toFixed(4)}`);
  // Fewer than ten pictures hold none out.
  for (const mergeLimit of heldOut.length > 0 ? [2.5, 3.5, 5] : []) {
    const { overlap, regions } = score(heldOut, mergeLimit);
    console.log(`  merge limit ${mergeLimit}: ${overlap.toFixed(4)}, ${regions.toFixed(1)} regions`);
  }
  writeFileSync(given.out, weightsModule(network));
}

/** The first round follows the truth and a rule of thumb, the others the network of the round before. */
function gather(round: number): void {
  const learned = round > 0 ? networkLogit(network) : undefined;
  for (const [index, pieces] of training.entries()) {
    const draw = drawFrom(index, 40 + round);
    const mergeLimit = draw.between(-1, 2);
    const trust = draw.between(0, 6);
    const logitOf = (features: ArrayLike<number>, target: number) =>
      learned?.(features) ?? trust * (target - 0.5) + 3 - 5 * features[0] - features[6] - 4 * features[15];
    addExamples(examples, pieces, { ...settings, mergeLimit: 2 ** mergeLimit }, logitOf, share, index * 8 + round);
  }
}

/** Mean over all instances of all pictures. */
function score(
  set: readonly Pieces[],
  mergeLimit: number,
  logitOf = networkLogit(network),
): { overlap: number; regions: number } {
  const results = set.map((pieces) => bestOverlaps(pieces, { ...settings, mergeLimit }, logitOf));
  const overlaps = results.flatMap((result) => result.overlaps);
  const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;
  return { overlap: mean(overlaps), regions: mean(results.map(({ regions }) => regions)) };
}

function weightsModule(layers: MergingNetwork): string {
  const texts = layers.map(
    ({ weights, biases }) =>
      `  {\n    weights: [${Array.from(weights).join(', ')}],\n    biases: [${Array.from(biases).join(', ')}],\n  },\n`,
  );
  return `/** Weights of the merging network, written by models/merging/train.ts; [outputs, inputs] row by row. */
import type { MergingNetwork } from './merging-network.ts';

export const mergingNetwork: MergingNetwork = [
${texts.join('')}];
`;
}
