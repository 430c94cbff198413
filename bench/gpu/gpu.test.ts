/**
 * The GPU benchmark from end to end on the software adapter, at its tiniest: every part is measured, nothing fails, and
 * the results file has a line for each. What the times are is nobody's business here.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeDefaultGpu } from '../../test/gpu.ts';
import type { Measured } from './kernel-case.ts';
import type { QueryFigures } from './queries.ts';
import type { Part } from './results.ts';

interface Run {
  code: number | null;
  output: string;
}

function bench(...words: string[]): Promise<Run> {
  const child = spawn(process.execPath, ['bench/main.ts', 'gpu', '--size', 'tiny', '--adapter', 'software', ...words]);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output += text;
    });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/langfield-bench-gpu-`);
});
afterAll(() => rm(folder, { recursive: true }));

const partsIn = async (file: string): Promise<(Part & { adapter: string })[]> =>
  (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describeDefaultGpu('bench gpu', ({ opened }) => {
  describe.runIf(opened.software)('at its tiniest', () => {
    it('measures every part and writes it down', { timeout: 900_000 }, async () => {
      const file = `${folder}/new/results.jsonl`;
      const { code, output } = await bench('--budget', '3600', '--repeats', '1', '--results', file);
      expect(code, output).toBe(0);
      const parts = await partsIn(file);
      expect(parts.map(({ part }) => part)).toEqual([
        'agreement with the reference',
        'ceilings',
        'queries tiny, opaque scene',
        'queries tiny, hazy scene',
        'kernels tiny, 4 rays',
      ]);
      for (const { part, error, adapter, figures } of parts) {
        expect(error, part).toBeUndefined();
        expect(adapter).toBe(opened.name);
        const { failures = [], measured } = figures as { failures?: string[]; measured?: Measured[] };
        expect(failures, part).toEqual([]);
        for (const { label, milliseconds } of measured ?? []) expect(Number.isFinite(milliseconds), label).toBe(true);
      }
      const queries = parts[2].figures as QueryFigures;
      expect(queries.rows).toHaveLength(5);
      expect(queries.samplesPerRay).toBeGreaterThan(0);
      expect(queries.agreement?.phrases).toBe(8);
    });

    it('keeps to its budget and still says what it has', { timeout: 300_000 }, async () => {
      const file = `${folder}/short.jsonl`;
      const { code, output } = await bench('--budget', '0.001', '--results', file);
      expect(code, output).toBe(0);
      expect(output).toContain('agreement with the reference: left out, the budget is spent');
    });

    it('refuses sizes that there are not', { timeout: 300_000 }, async () => {
      const { code, output } = await bench('--size', 'huge');
      expect(code).not.toBe(0);
      expect(output).toContain('"huge" is none of tiny, small, lite, base, big');
    });
  });
});
