/** Which photos are held out when the capture does not say (spec §4.9, step 5). */

/**
 * For `total` photos in order: true = train. ceil(total · fraction) of them, evenly spread with the first and last
 * among them; the rest is held out.
 */
export function trainMask(total: number, fraction: number): boolean[] {
  const train = Math.min(total, Math.ceil(total * fraction));
  const mask = new Array<boolean>(total).fill(false);
  const step = train > 1 ? (total - 1) / (train - 1) : 0;
  for (let i = 0; i < train; i++) mask[i === train - 1 && train > 1 ? total - 1 : Math.trunc(i * step)] = true;
  return mask;
}
