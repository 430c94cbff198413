/**
 * Projections as engines compute them in the factored form (savings A1, A6): directions are the texts of a query without
 * canonical ones, and its answers the cosines themselves instead of relevancies.
 */
import type { PhraseQuery, ProjectionQuery } from './engine.ts';

export function queryOfProjections({ field, directions, scale }: ProjectionQuery, clipDim: number): PhraseQuery {
  const scales = new Float32Array(directions.length / clipDim).fill(scale);
  return { field, positives: directions, negatives: new Float32Array(), scales, mode: 'kept' };
}

/** A phrase is only ever more or less relevant than the canonical ones. */
export function requireCanonical({ negatives }: PhraseQuery): void {
  if (negatives.length === 0) throw new RangeError('a query needs canonical phrases');
}
