/**
 * Which samples of a ray the language field is evaluated on (spec §2.4): the `count` largest rendering weights.
 * The original leaves order and ties open; here the chosen indices ascend along the ray and of equal weights the
 * nearer sample wins, so that every engine chooses the same.
 */

/**
 * @param weights [rays, samples]
 * @returns [rays, count] sample indices, ascending per ray
 */
export function selectSamples(weights: ArrayLike<number>, samples: number, count: number): Uint32Array {
  if (count > samples) throw new RangeError(`cannot choose ${count} of ${samples} samples`);
  const rays = weights.length / samples;
  const chosen = new Uint32Array(rays * count);
  for (let ray = 0; ray < rays; ray++) {
    const order = Array.from({ length: samples }, (_, sample) => sample);
    order.sort((a, b) => weights[ray * samples + b] - weights[ray * samples + a] || a - b);
    const nearestFirst = order.slice(0, count).sort((a, b) => a - b);
    chosen.set(nearestFirst, ray * count);
  }
  return chosen;
}
