import { describe, expect, it } from 'vitest';
import { viewCamera } from '../../math/views.ts';
import { chunkRays, coarseCamera, detailLevels, RayRate } from './detail.ts';

const camera = viewCamera(Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0), 1024, 768, 50);

describe('detail', () => {
  it('follows the speed from a phone to a GPU', () => {
    const [phone, desktop, gpu] = [0.5, 60, 20_000];
    expect([phone, desktop, gpu].map(chunkRays)).toEqual([512, 3000, 8192]);
    expect(coarseCamera(camera, phone).width).toBe(40);
    expect(coarseCamera(camera, gpu)).toMatchObject({ width: 1024, height: 768 });
    expect(detailLevels(camera, gpu)).toEqual([camera]);
    expect(detailLevels(camera, desktop).length).toBeGreaterThan(2);
  });

  it('forgets its guess with the first measurement', () => {
    const rate = new RayRate(40);
    rate.add(1000, 1);
    expect(rate.raysPerMs).toBe(1000);
    rate.add(0, 5);
    rate.add(5, 0);
    expect(rate.raysPerMs).toBe(1000);
  });
});
