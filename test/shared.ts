/**
 * Finds the folder of recorded vectors and real captures that developers and CI have beside the checkout. Users do
 * not have it: tests that need it skip with a clear line.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const sharedFolder = process.env.LANGFIELD_SHARED ?? fileURLToPath(new URL('../../shared', import.meta.url));

export const hasShared = existsSync(`${sharedFolder}/vectors`);
if (!hasShared)
  console.warn(
    `skipped: tests against recorded vectors and real captures (no folder ${sharedFolder}; set LANGFIELD_SHARED)`,
  );

export interface VectorFile {
  meta: Record<string, unknown>;
  arrays: Record<string, { shape: number[]; dtype: string; data: number[] }>;
}

/** The body of a skipped suite runs all the same to collect its tests: every array is there, and empty. */
const absentVectors: VectorFile = {
  meta: {},
  arrays: new Proxy({}, { get: () => ({ shape: [0, 0, 0], dtype: 'float32', data: [] }) }),
};

/** Reads `vectors/<name>.json`; the strings "NaN", "Infinity" and "-Infinity" become numbers. */
export function readVectors(name: string): VectorFile {
  if (!hasShared) return absentVectors;
  const file = JSON.parse(readFileSync(`${sharedFolder}/vectors/${name}.json`, 'utf8')) as VectorFile;
  for (const array of Object.values(file.arrays)) array.data = array.data.map(Number);
  return file;
}
