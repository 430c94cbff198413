/**
 * The CLIP head's last layer in coordinates of its own row space (savings A1, A2, A6 in one), for queries. With
 * y = h W, W [width, dim], and an orthonormal basis Q [rank, dim] of the rows of W, the numbers y' = y Qᵀ = h W Qᵀ
 * are all there is to know of y: ‖y'‖ = ‖y‖, and y·t = y'·(t Qᵀ) for any text t. So relevancy is that of the direct form
 * (`language-rendering.ts`, `relevancy.ts`) with W Qᵀ [width, rank] in the place of W, rank ≤ min(width, dim), and no
 * vector is dim-wide. Float64; the basis comes from Gram-Schmidt with every projection done twice, which keeps it
 * orthonormal whatever the condition of W – unlike a factor of W Wᵀ, whose condition is the square.
 */

export interface RowSpace {
  rank: number;
  /** [rank, dim] orthonormal rows */
  basis: Float64Array;
  /** [width, rank] W Qᵀ */
  reduced: Float64Array;
}

/** Rows shorter than this share of the longest, after projection, add no direction. */
const negligible = 1e-10;

function dot(a: ArrayLike<number>, startA: number, b: ArrayLike<number>, startB: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += a[startA + i] * b[startB + i];
  return sum;
}

/** Takes the parts along basis rows 0 … rank out of `row`. */
function project(row: Float64Array, basis: Float64Array, rank: number): void {
  const dim = row.length;
  for (let q = 0; q < rank; q++) {
    const along = dot(row, 0, basis, q * dim, dim);
    for (let c = 0; c < dim; c++) row[c] -= along * basis[q * dim + c];
  }
}

/** @param lastWeight [width, dim] of finite numbers */
export function rowSpace(lastWeight: ArrayLike<number>, width: number): RowSpace {
  const dim = lastWeight.length / width;
  const basis = new Float64Array(Math.min(width, dim) * dim);
  const longest = Math.max(
    0,
    ...Array.from({ length: width }, (_, a) => Math.sqrt(dot(lastWeight, a * dim, lastWeight, a * dim, dim))),
  );
  let rank = 0;
  for (let a = 0; a < width && rank < dim; a++) {
    const row = Float64Array.from({ length: dim }, (_, c) => lastWeight[a * dim + c]);
    project(row, basis, rank);
    project(row, basis, rank);
    const length = Math.sqrt(dot(row, 0, row, 0, dim));
    if (!(length > negligible * longest)) continue;
    for (let c = 0; c < dim; c++) basis[rank * dim + c] = row[c] / length;
    rank++;
  }
  const reduced = new Float64Array(width * rank);
  for (let a = 0; a < width; a++)
    for (let q = 0; q < rank; q++) reduced[a * rank + q] = dot(lastWeight, a * dim, basis, q * dim, dim);
  return { rank, basis: basis.slice(0, rank * dim), reduced };
}

/** Texts [texts, dim] in the basis: [texts, rank]. */
export function reduceTexts({ rank, basis }: RowSpace, texts: ArrayLike<number>, dim: number): Float64Array {
  return Float64Array.from({ length: (texts.length / dim) * rank }, (_, i) =>
    dot(texts, Math.floor(i / rank) * dim, basis, (i % rank) * dim, dim),
  );
}
