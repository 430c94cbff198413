/** The parts of the built-in segmenter, each on inputs whose right answer is known. */
import { describe, expect, it } from 'vitest';
import { graphSegmentation } from './graph-segmentation.ts';
import { gradientMagnitude, type Planes, smoothPlanes, toLab } from './lab-planes.ts';
import { networkLogit } from './merging-network.ts';
import { mergingNetwork } from './merging-weights.ts';
import { moverDistance, pairFeatureCount, pairFeatures } from './pair-features.ts';
import { absorbRegion, buildRegionGraph, measurePhoto, type RegionGraph } from './region-graph.ts';
import { regionColour, regionPicture } from './region-picture.ts';

/** A picture whose lightness is given and whose colour is grey. */
function greyPlanes(width: number, height: number, lightness: (x: number, y: number) => number): Planes {
  const l = Float32Array.from({ length: width * height }, (_, i) => lightness(i % width, Math.floor(i / width)));
  return { width, height, planes: [l, new Float32Array(l.length), new Float32Array(l.length)] };
}

describe('toLab', () => {
  it('agrees with the CIE values of sRGB colours', () => {
    const expected = [
      [255, 255, 255, 100, 0, 0],
      [0, 0, 0, 0, 0, 0],
      [255, 0, 0, 53.24, 80.09, 67.2],
      [0, 255, 0, 87.73, -86.18, 83.18],
      [0, 0, 255, 32.3, 79.19, -107.86],
      [119, 119, 119, 50.03, 0, 0],
    ];
    for (const [r, g, b, ...lab] of expected) {
      const { planes } = toLab(1, 1, Uint8Array.of(r, g, b));
      for (let c = 0; c < 3; c++) expect(Math.abs(planes[c][0] - lab[c]), `${r} ${g} ${b}: ${c}`).toBeLessThan(0.1);
    }
  });
});

describe('smoothing and gradients', () => {
  it('smoothing keeps constants and the sum of an impulse, and spreads it by sigma', () => {
    const flat = smoothPlanes(
      greyPlanes(9, 7, () => 40),
      1.5,
    );
    for (const value of flat.planes[0]) expect(value).toBeCloseTo(40, 4);
    const { planes } = smoothPlanes(
      greyPlanes(41, 41, (x, y) => (x === 20 && y === 20 ? 1000 : 0)),
      2,
    );
    let sum = 0;
    let spreadX = 0;
    planes[0].forEach((value, i) => {
      sum += value;
      spreadX += value * ((i % 41) - 20) ** 2;
    });
    expect(sum).toBeCloseTo(1000, 2);
    expect(Math.sqrt(spreadX / sum)).toBeCloseTo(2, 1);
  });

  it('the gradient of a ramp is its slope', () => {
    const gradient = gradientMagnitude(greyPlanes(10, 8, (x, y) => 3 * x + 4 * y));
    expect(gradient[3 * 10 + 5]).toBeCloseTo(5, 5);
  });
});

describe('graphSegmentation', () => {
  const halves = greyPlanes(20, 10, (x) => (x < 8 ? 20 : 60));

  it('separates flat areas and numbers them by first appearance', () => {
    const { labels, count } = graphSegmentation(halves, { scale: 10, minSize: 1 });
    expect(count).toBe(2);
    expect([labels[0], labels[7], labels[8], labels[199]]).toEqual([0, 0, 1, 1]);
  });

  it('joins everything at a large scale: 40 units apart, 80 pixels on the small side', () => {
    expect(graphSegmentation(halves, { scale: 40 * 80 - 1, minSize: 1 }).count).toBe(2);
    expect(graphSegmentation(halves, { scale: 40 * 120 + 1, minSize: 1 }).count).toBe(1);
  });

  it('follows a smooth ramp as one piece, and joins specks to a neighbour', () => {
    expect(
      graphSegmentation(
        greyPlanes(60, 5, (x) => x),
        { scale: 10, minSize: 1 },
      ).count,
    ).toBe(1);
    const speck = greyPlanes(20, 10, (x, y) => (x === 5 && y === 5 ? 90 : 20));
    expect(graphSegmentation(speck, { scale: 10, minSize: 1 }).count).toBe(2);
    expect(graphSegmentation(speck, { scale: 10, minSize: 2 }).count).toBe(1);
  });
});

describe('the region graph', () => {
  const image = greyPlanes(20, 10, (x) => (x < 8 ? 20 : 60));
  const labels = Int32Array.from({ length: 200 }, (_, i) => (i % 20 < 8 ? 0 : i % 20 < 14 ? 1 : 2));
  const build = (of: Int32Array, count: number) => buildRegionGraph(measurePhoto(image, 1), { labels: of, count });

  it('measures colour differences in CIELAB units', () => {
    const graph = build(labels, 3);
    expect([...graph.sizes]).toEqual([80, 60, 60]);
    expect(moverDistance(graph, 0, 1, 0)).toBeCloseTo(40, 3);
    expect(moverDistance(graph, 0, 1, 1)).toBeCloseTo(0, 3);
    expect(moverDistance(graph, 1, 2, 0)).toBeCloseTo(0, 3);
  });

  it('knows the length of boundaries and what lies across them', () => {
    const { neighbours, outlines } = build(labels, 3);
    expect(neighbours[0].get(1)).toMatchObject({ length: 10, open: 0, faint: 0 });
    expect(neighbours[0].get(1)!.stepL).toBeGreaterThan(10 * 35);
    expect(neighbours[2].get(1)).toEqual({ length: 10, contrast: 0, open: 10, faint: 10, stepL: 0, stepChroma: 0 });
    expect(neighbours[0].has(2)).toBe(false);
    expect([...outlines]).toEqual([10, 20, 10]);
  });

  it('of a union is the graph of the united pixels', () => {
    const united = build(labels, 3);
    absorbRegion(united, 1, 2);
    const expected = build(
      labels.map((label) => Math.min(1, label)),
      2,
    );
    const pairOf = (graph: RegionGraph) => {
      const out = new Float64Array(pairFeatureCount);
      pairFeatures(graph, 0, 1, graph.neighbours[0].get(1)!, out);
      return out;
    };
    for (const [k, value] of pairOf(united).entries())
      expect(value, `feature ${k}`).toBeCloseTo(pairOf(expected)[k], 5);
    expect(united.neighbours[2].size).toBe(0);
  });

  it('gives finite features of flat pictures, single pixels and single lines, whichever region comes first', () => {
    for (const [width, height] of [
      [2, 1],
      [1, 40],
      [30, 30],
    ]) {
      const flat = greyPlanes(width, height, () => 0);
      const halves = Int32Array.from({ length: width * height }, (_, i) => (i < (width * height) / 2 ? 0 : 1));
      const graph = buildRegionGraph(measurePhoto(flat, 1), { labels: halves, count: 2 });
      const [out, swapped] = [new Float64Array(pairFeatureCount), new Float64Array(pairFeatureCount)];
      pairFeatures(graph, 0, 1, graph.neighbours[0].get(1)!, out);
      pairFeatures(graph, 1, 0, graph.neighbours[0].get(1)!, swapped);
      for (const value of out) expect(Number.isFinite(value)).toBe(true);
      expect(swapped).toEqual(out);
    }
  });
});

describe('the merging network', () => {
  it('is dense layers with ReLU between them', () => {
    const logit = networkLogit([
      { weights: [1, 2, -1, 0.5], biases: [0.5, -10] },
      { weights: [2, 3], biases: [-1] },
    ]);
    expect(logit([1, 1])).toBe(2 * 3.5 - 1);
    expect(logit([-20, 1])).toBe(3 * 10.5 - 1);
    expect(logit([-1, -1])).toBe(-1);
  });

  it('has weights for every feature', () => {
    let inputs: number = pairFeatureCount;
    for (const { weights, biases } of mergingNetwork) {
      expect(weights.length).toBe(inputs * biases.length);
      inputs = biases.length;
    }
    expect(inputs).toBe(1);
  });
});

describe('regionPicture', () => {
  it('outlines regions, colours them apart and darkens what is unlabelled', () => {
    const ids = Int32Array.from({ length: 60 }, (_, i) => (i % 10 < 3 ? 0 : i % 10 < 6 ? 5 : 9));
    const photo = { width: 10, height: 6, channels: 3 as const, data: new Uint8Array(180).fill(128) };
    const { data } = regionPicture({ width: 10, height: 6, ids }, photo, { outline: 1 });
    const pixel = (x: number) => [...data.subarray(3 * (10 + x), 3 * (10 + x) + 3)];
    expect(pixel(2)).toEqual([255, 255, 255]);
    expect(pixel(5)).toEqual([255, 255, 255]);
    expect(pixel(0).every((value) => value < 128)).toBe(true);
    expect(pixel(4)).not.toEqual(pixel(7));
    expect(() => regionPicture({ width: 9, height: 6, ids }, photo)).toThrow(/10×6×3.*9×6/);
  });

  it('has distinct colours for the first sixty regions', () => {
    const colours = new Set(Array.from({ length: 60 }, (_, number) => regionColour(number).join()));
    expect(colours.size).toBe(60);
    for (const colour of colours)
      for (const value of colour.split(',').map(Number)) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(255);
      }
  });
});
