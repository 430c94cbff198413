import { describe, expect, it } from 'vitest';
import { presetConfig } from '../../field/config.ts';
import { allocatedBytes, describePlan, planMemory } from './memory-plan.ts';
import { radianceNeeds, radianceRequests } from './radiance-field.ts';
import { scratchRequests } from './scratch.ts';

const limits = { maxBufferSize: 1 << 28, maxStorageBufferBindingSize: 1 << 27 };

describe('memory plan', () => {
  it('adds up purposes in whole vectors of 16 bytes', () => {
    const plan = planMemory(
      {
        table: { scalar: 'f32', length: 1e6, purpose: 'parameters' },
        moments: { scalar: 'f32', length: 2e6, purpose: 'optimiser' },
        halves: { scalar: 'f16', length: 9, purpose: 'parameters' },
        nothing: { scalar: 'u32', length: 0, purpose: 'batch' },
      },
      limits,
    );
    expect(plan.parts).toEqual([
      { purpose: 'parameters', bytes: 4e6 + 32 },
      { purpose: 'optimiser', bytes: 8e6 },
      { purpose: 'batch', bytes: 16 },
    ]);
    expect(plan.totalBytes).toBe(12e6 + 48);
    expect(describePlan(plan)).toBe('12.0 MB: parameters 4.0 MB, optimiser 8.0 MB, batch 0.0 MB');
    expect(allocatedBytes({ scalar: 'f32', length: 5 })).toBe(32);
  });

  it('refuses an array that no binding holds', () => {
    expect(() => planMemory({ table: { scalar: 'f32', length: 1 << 26, purpose: 'parameters' } }, limits)).toThrow(
      /"table" does not fit into one buffer of the GPU \(found 268\.4 MB; expected 134\.2 MB or less\)\. Take fewer/,
    );
  });

  it('refuses more than the user allows, and says what needs how much', () => {
    const requests = { table: { scalar: 'f32', length: 1 << 24, purpose: 'parameters' } } as const;
    expect(() => planMemory(requests, { ...limits, maxMemory: 5e7 })).toThrow(
      /found 67\.1 MB: parameters 67\.1 MB; expected 50\.0 MB or less\)\. Raise --max-memory/,
    );
  });

  it('keeps nothing inside the narrow networks of a radiance field', () => {
    const config = presetConfig('base', 1, []);
    const requests = { ...radianceRequests(config, 4096), ...scratchRequests(radianceNeeds(config, 4096)) };
    const perRay = planMemory(requests, { maxBufferSize: 1e9, maxStorageBufferBindingSize: 1e9 }).totalBytes / 4096;
    // Of a sample in floats: 10 or 32 inputs, 1 or 16 outputs, 8 of placing and weighing; with colours 6 more. Once: gradients.
    const samples = 4 * (352 * (10 + 1 + 10) + 48 * (32 + 16 + 10 + 6));
    const scratch = 4 * 256 * (10 + 1 + 3) + 4 * 48 * (16 - 1);
    expect(perRay).toBeGreaterThan(samples);
    expect(perRay).toBeLessThan(1.5 * (samples + scratch));
  });
});
