/**
 * The panoptic map of class and mask logits per query, as the post-processing of DETR, MaskFormer, Mask2Former and
 * OneFormer makes it: every pixel goes to the query with the largest score · mask, and queries that win too little of
 * what they claim are dropped. Classes decide only whether a query is something at all: labels are not kept.
 */
import { activateRows, sigmoid } from '../encoders/activations.ts';
import type { PictureInput, PictureSize } from '../encoders/picture-input.ts';
import { MaskPlacer, type MaskPlane } from './place-mask.ts';
import type { QueryDecoding } from './segmenter-folder.ts';

export interface Queries {
  count: number;
  columns: number;
  /** [count, columns] class logits. */
  logits: Float32Array;
  /** [count, height, width] mask logits. */
  masks: MaskPlane;
}

/** Ids 1, 2, … of the queries that are kept, 0 elsewhere: [photo.height, photo.width]. */
export function queryMap(
  queries: Queries,
  decoding: QueryDecoding,
  input: PictureInput,
  photo: PictureSize,
): Int32Array {
  const scores = queryScores(queries, decoding);
  const { masks } = queries;
  const plane = masks.width * masks.height;
  const placer = new MaskPlacer(masks, input, photo);
  const shares = new Float32Array(plane);
  const winner = new Int32Array(photo.width * photo.height);
  const best = new Float32Array(winner.length);
  const claimed = new Float64Array(queries.count);
  for (const [query, score] of scores) {
    const logits = masks.data.subarray(query * plane, (query + 1) * plane);
    for (let i = 0; i < plane; i++) shares[i] = sigmoid(logits[i]);
    placer.place(shares);
    for (let i = 0; i < winner.length; i++) {
      const weight = placer.placed[i] * score;
      if (weight >= decoding.maskThreshold) claimed[query]++;
      if (weight <= best[i]) continue;
      best[i] = weight;
      winner[i] = query + 1;
    }
  }
  const won = new Float64Array(queries.count);
  for (const query of winner) if (query > 0) won[query - 1]++;
  const ids = new Int32Array(queries.count + 1);
  let next = 1;
  for (const query of scores.keys())
    if (claimed[query] > 0 && won[query] / claimed[query] > decoding.overlapThreshold) ids[query + 1] = next++;
  return winner.map((query) => ids[query]);
}

/** Score of every query that is something: the probability of its best class, if that is not "nothing here". */
function queryScores({ count, columns, logits }: Queries, decoding: QueryDecoding): Map<number, number> {
  const probabilities = logits.slice();
  activateRows(probabilities, columns, 'softmax');
  const scores = new Map<number, number>();
  for (let query = 0; query < count; query++) {
    const row = probabilities.subarray(query * columns, (query + 1) * columns);
    const score = row.reduce((most, value) => Math.max(most, value), 0);
    const isNothing = decoding.background === 'last' && row[columns - 1] >= score;
    if (!isNothing && score > decoding.scoreThreshold) scores.set(query, score);
  }
  return scores;
}
