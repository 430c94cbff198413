/**
 * The tiny ViTs recorded from the original model code (vectors/vit in the shared folder): descriptions, weights,
 * inputs, outputs.
 */
import { readFileSync } from 'node:fs';
import { sharedFolder } from './shared.ts';
import { WeightFile } from '../src/encoders/vit/weights.ts';

export interface RecordedVit {
  weights: string;
  io: string;
  /** FILE#TENSOR */
  pixels: string;
  config: Record<string, unknown>;
  layout: string;
  key_block: number;
  cases: Record<string, unknown>[];
  arrays: Record<string, { shape: number[]; data: number[] }>;
}

export const vitFolder = `${sharedFolder}/vectors/vit`;

export function readRecordedVit(name: string): RecordedVit {
  return JSON.parse(readFileSync(`${vitFolder}/${name}.json`, 'utf8')) as RecordedVit;
}

export function readVitFile(name: string): WeightFile {
  return new WeightFile(readFileSync(`${vitFolder}/${name}`), name);
}

/** A float32 tensor of a file, of whatever shape. */
export function readVitTensor(
  file: string,
  name: string,
  axes: number,
): { shape: readonly number[]; data: Float32Array } {
  const weights = readVitFile(file);
  const shape = weights.shapeOf(name, axes);
  return { shape, data: weights.take(name, shape).data as Float32Array };
}

/** The largest |a − b|; NaN and different lengths are infinitely far. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}
