import { describe, expect, it } from 'vitest';
import type { Detection } from '../detectors/detector.ts';
import { judgeDetections } from './box-match.ts';
import type { Box } from './labels/labels.ts';

const label: Box = [10, 10, 30, 30];
const found = (score: number, ...box: [number, number, number, number]): Detection => ({ score, box });

describe('the best box against labelled boxes', () => {
  it('recalls from IoU 0.5 on', () => {
    // 20 × 10 of 20 × 20 is exactly half; a pixel less is not enough.
    expect(judgeDetections([found(0.9, 10, 10, 30, 20)], [label])).toMatchObject({ iou: 0.5, recall: true });
    const less = judgeDetections([found(0.9, 10, 10, 30, 19)], [label]);
    expect([less.recall, less.localisation]).toEqual([false, true]);
  });

  it('looks at the best box only', () => {
    const good = found(0.8, ...(label as [number, number, number, number]));
    expect(judgeDetections([found(0.81, 40, 40, 50, 50), good], [label]).recall).toBe(false);
    expect(judgeDetections([good, found(0.79, 40, 40, 50, 50)], [label]).recall).toBe(true);
  });

  it('fails when an equally confident box is wrong, in whichever order they come', () => {
    const good = found(0.8, 10, 10, 30, 30);
    const wrong = found(0.8 + 1e-8, 40, 40, 50, 50);
    for (const order of [
      [good, wrong],
      [wrong, good],
    ])
      expect(judgeDetections(order, [label])).toMatchObject({ iou: 0, recall: false, localisation: false });
    expect(judgeDetections([good, found(0.8, 11, 10, 31, 30)], [label])).toMatchObject({ recall: true });
  });

  it('takes several labelled boxes as alternatives, without joining them', () => {
    const other: Box = [30, 10, 50, 30];
    expect(judgeDetections([found(0.5, 31, 11, 49, 29)], [label, other]).recall).toBe(true);
    expect(judgeDetections([found(0.5, 10, 10, 50, 30)], [label, other])).toMatchObject({ iou: 0.5, recall: true });
    expect(judgeDetections([found(0.5, 5, 5, 55, 35)], [label, other])).toMatchObject({ recall: false });
  });

  it('a detector that finds nothing recalls nothing', () => {
    expect(judgeDetections([], [label])).toEqual({ best: undefined, iou: 0, recall: false, localisation: false });
  });
});
