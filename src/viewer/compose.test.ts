import { describe, expect, it } from 'vitest';
import { viewCamera } from '../math/views.ts';
import { turboBytes } from '../pictures/turbo.ts';
import { composeDifference, composePicture } from './compose.ts';
import { type Looks, plainLooks } from './looks.ts';
import type { Frame } from './session/protocol.ts';

const answer = (phrase: string, ...values: number[]) => ({
  phrase,
  scale: 0.5,
  relevancy: Float32Array.from(values),
  peak: { relevancy: Math.max(...values), row: 0, col: 0, depth: 1, position: [0, 0, 0] as [number, number, number] },
  found: Math.max(...values) > 0.5,
});
const frame: Frame = {
  id: 1,
  camera: viewCamera(Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0), 2, 1, 50),
  final: true,
  appearance: {
    width: 2,
    height: 1,
    rgb: Float32Array.of(0.2, 0.4, 0.6, 0.2, 0.4, 0.6),
    depth: Float32Array.of(1, 3),
    accumulation: Float32Array.of(1, 0.5),
  },
  fields: [
    { field: 'panoptic', phrases: [answer('mug', 0.9, 0.2), answer('fox', 0.3, 0.1)] },
    { field: 'none', phrases: [answer('mug', 0.4, 0.4), answer('fox', 0.3, 0.1)] },
  ],
};
const asked = ['mug', 'fox'];
const look = (text: string) => ({ text, colour: 0, visible: true, opacity: 1 });
const looks = (more: Partial<Looks> = {}): Looks => ({ ...plainLooks, phrases: [look('fox'), look('mug')], ...more });
const pixels = (data: ArrayLike<number>) => [Array.from(data).slice(0, 3), Array.from(data).slice(3, 6)];
const colour = [51, 102, 153];

describe('a picture', () => {
  it('of features has their colours, and the plain ones until they are there', () => {
    const layer = looks({ layer: 'features' });
    expect(pixels(composePicture(frame, layer, asked).data)).toEqual([colour, colour]);
    const shares = Float32Array.of(0, 0.2, 1, 1, 0.4, 0);
    expect(pixels(composePicture({ ...frame, components: shares }, layer, asked).data)).toEqual([
      [0, 51, 255],
      [255, 102, 0],
    ]);
  });

  it('shows phrases by their names, whatever their order, and only those that are found and visible', () => {
    const [mug, rest] = pixels(composePicture(frame, looks(), asked).data);
    expect(mug[0]).toBeGreaterThan(180);
    expect(rest).not.toEqual(colour);
    const hidden = looks({ phrases: [look('fox'), { ...look('mug'), visible: false }] });
    expect(pixels(composePicture(frame, hidden, asked).data)).toEqual([colour, colour]);
    expect(pixels(composePicture(frame, looks(), asked, 1).data)).toEqual([colour, colour]);
  });

  it('shows the displays of the selected phrase', () => {
    const relevancy = looks({ layer: 'relevancy', selected: 1, display: 'raw' });
    expect(pixels(composePicture(frame, relevancy, asked).data)[0]).toEqual(
      Array.from(turboBytes.subarray(3 * 229, 3 * 230)),
    );
    const composited = composePicture(frame, { ...relevancy, display: 'composited' }, asked);
    expect(pixels(composited.data)[1]).toEqual(colour);
    // Not found: the colours alone.
    const missing = composePicture(frame, { ...relevancy, display: 'composited', selected: 0 }, asked);
    expect(pixels(missing.data)).toEqual([colour, colour]);
  });

  it('shows colour, depth and accumulation without any answer', () => {
    const silent = { ...frame, fields: [] };
    for (const layer of ['phrases', 'colour', 'relevancy'] as const)
      expect(pixels(composePicture(silent, looks({ layer }), []).data)).toEqual([colour, colour]);
    const accumulation = composePicture(silent, looks({ layer: 'accumulation' }), []);
    expect([accumulation.channels, ...accumulation.data]).toEqual([1, 255, 128]);
    expect(composePicture(silent, looks({ layer: 'depth' }), []).channels).toBe(3);
  });

  it('shows where two fields differ, and plain colours while there is only one answer', () => {
    const [more, less] = pixels(composeDifference(frame, looks({ selected: 1 }), asked).data);
    expect(more[0]).toBeGreaterThan(more[2]);
    expect(less[2]).toBeGreaterThan(less[0]);
    const one = { ...frame, fields: frame.fields.slice(0, 1) };
    expect(pixels(composeDifference(one, looks({ selected: 1 }), asked).data)).toEqual([colour, colour]);
  });
});
