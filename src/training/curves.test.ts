import { describe, expect, it } from 'vitest';
import { type CurveMark, type CurvePoint, Curves, mostPoints } from './curves.ts';
import { decibels, type LogEntry } from './loss-window.ts';

const entry = (stage: string, step: number, more: Partial<LogEntry>): LogEntry => ({
  stage,
  step,
  seconds: step / 10,
  stepsPerSecond: 10,
  ...more,
});

/** What a reader holds that applies every change, asked after every `every` lines. */
function follow(lines: readonly LogEntry[], every: number): Map<string, CurvePoint[]> {
  const [curves, mark, held]: [Curves, CurveMark, Map<string, CurvePoint[]>] = [new Curves(), new Map(), new Map()];
  for (const [index, line] of lines.entries()) {
    curves.add(line);
    if (index % every !== 0 && index !== lines.length - 1) continue;
    for (const { stage, from, points } of curves.since(mark)) {
      const known = held.get(stage) ?? [];
      expect(known.length).toBeGreaterThanOrEqual(from);
      held.set(stage, [...known.slice(0, from), ...points]);
    }
  }
  return held;
}

describe('curves of a training', () => {
  it('keep every line of a short one, with decibels', () => {
    const curves = new Curves();
    curves.add(entry('radiance', 20, { rgb: 0.04 }));
    curves.add(entry('radiance', 40, { rgb: 0.01 }));
    expect(curves.since(new Map())).toEqual([
      {
        stage: 'radiance',
        from: 0,
        points: [
          { step: 20, rgb: 0.04, psnr: 13.98 },
          { step: 40, rgb: 0.01, psnr: 20 },
        ],
      },
    ]);
  });

  it('never grow beyond a bound, end at the last step, and stay means of the lines that they cover', () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => entry('radiance', i + 1, { rgb: 1 / (i + 2) }));
    const [points] = [...follow(lines, 50).values()];
    expect(points.length).toBeLessThanOrEqual(mostPoints);
    expect(points.length).toBeGreaterThan(mostPoints / 2 - 1);
    expect(points.at(-1)!.step).toBe(30_000);
    let before = 0;
    for (const { step, rgb, psnr } of points) {
      const covered = lines.slice(before, step);
      const mean = covered.reduce((sum, line) => sum + line.rgb!, 0) / covered.length;
      expect(rgb! / mean).toBeCloseTo(1, 3);
      expect(psnr).toBeCloseTo(decibels(mean), 1);
      before = step;
    }
  });

  it('are the same for a reader who asks all the time, now and then, or at the end', () => {
    const lines = Array.from({ length: 1500 }, (_, i) =>
      i < 700
        ? entry('radiance', i + 1, { rgb: 0.1 })
        : entry('language', i - 699, { clip: [i / 1500, 0.5], dino: [0.2, i / 3000] }),
    );
    const end = follow(lines, 1500);
    expect(follow(lines, 1)).toEqual(end);
    expect(follow(lines, 7)).toEqual(end);
    expect(end.get('language')!.at(-1)!.clip).toHaveLength(2);
  });

  it('give a reader who has everything nothing', () => {
    const [curves, mark] = [new Curves(), new Map()];
    curves.add(entry('joint', 1, { rgb: 0.1 }));
    expect(curves.since(mark)).toHaveLength(1);
    expect(curves.since(mark)).toEqual([]);
  });
});
