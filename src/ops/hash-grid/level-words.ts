/** The level table of a hash grid as the kernels read it: scale (f32 bits), resolution, rows, first row, hashed. */
import type { HashGridLevel } from './levels.ts';

export const wordsPerLevel = 5;

export function levelWords(levels: readonly HashGridLevel[]): Uint32Array {
  const words = new Uint32Array(levels.length * wordsPerLevel);
  const scales = new Float32Array(words.buffer);
  levels.forEach((level, index) => {
    const at = index * wordsPerLevel;
    scales[at] = level.scale;
    words.set([level.resolution, level.entries, level.offset, level.hashed ? 1 : 0], at + 1);
  });
  return words;
}
