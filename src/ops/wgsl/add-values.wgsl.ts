/** Adds one list of numbers to another on the GPU. */
import { defineKernel, read, write } from './kernel.ts';

export const addValuesKernel = defineKernel({
  name: 'add-values',
  params: { length: 'u32' },
  buffers: { values: read('f32', '[length]'), sums: write('f32', '[length] +=') },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ length }) => length,
  body: 'sums[index] += values[index];',
});
