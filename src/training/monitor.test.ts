import { describe, expect, it } from 'vitest';
import type { Engine, StepLosses } from '../engines/engine.ts';
import type { TrainingPosition } from '../field/checkpoint.ts';
import { silentProgress } from '../platform/platform.ts';
import { firstSaveSeconds, liveSaveIsDue } from './live-pace.ts';
import { runTraining } from './loop.ts';
import { TrainingMonitor, type TrainingState } from './monitor.ts';
import type { RayBatches } from './ray-batches.ts';
import { resolveSettings, type TrainingSettings } from './settings.ts';
import { planStages } from './step-schedule.ts';

/** The real loop on an engine that only counts; a step takes 100 ms of a clock of its own. */
function rehearse(given: Partial<TrainingSettings> = {}, steps = 40) {
  let clock = 0;
  let taken = 0;
  const saves: TrainingPosition[] = [];
  const monitor = new TrainingMonitor({
    now: () => clock,
    paced: true,
    goOnWith: 'langfield train --resume --out run',
  });
  const settings = resolveSettings({ steps, saveSeconds: 0, logSteps: 2, ...given }, { longestSide: 10, cores: 1 });
  const losses: StepLosses = { rgb: 0.01, interlevel: 0, distortion: 0, pose: 0, clip: [], dino: [] };
  const atStep = new Map<number, () => void>();
  const engine = {
    async trainStep() {
      clock += 100;
      taken += 1;
      atStep.get(taken)?.();
      return losses;
    },
  } as unknown as Engine;
  const batches = { allocate: () => ({}), prepare: () => ({ languages: [] }) } as unknown as RayBatches;
  const stages = planStages(settings, 0);
  const save = async (position: TrainingPosition) => {
    saves.push(position);
    monitor.saved(position, 0.1);
  };
  const run = async () => {
    monitor.begin({ stages, fields: [], settings, log: [] });
    return runTraining({
      engine,
      batches,
      settings,
      stages,
      save,
      trySave: save,
      drawPictures: async () => {},
      writeLog: async () => {},
      progress: silentProgress,
      now: () => clock,
      stopRequested: () => monitor.stopRequested,
      companion: monitor,
    });
  };
  const until = async (state: TrainingState) => {
    while (monitor.state !== state) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  const advance = (ms: number) => {
    clock += ms;
  };
  return { monitor, saves, run, atStep, until, advance, taken: () => taken };
}

const idle = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('a training that is watched', () => {
  it('reports stage, steps, pace, time left and the newest numbers', async () => {
    const { monitor, run, atStep } = rehearse();
    const reports: (typeof monitor.report)[] = [];
    atStep.set(31, () => reports.push(monitor.report));
    await run();
    monitor.ended('finished');
    expect(reports[0]).toMatchObject({
      state: 'training',
      stages: [{ name: 'radiance', steps: 40 }],
      stage: { name: 'radiance', step: 30, steps: 40 },
      newest: { step: 30, rgb: 0.01, psnr: 20 },
    });
    expect(reports[0].stepsPerSecond).toBeCloseTo(10, 6);
    expect(reports[0].secondsLeft).toBeCloseTo(1, 6);
    expect(monitor.report).toMatchObject({ state: 'finished', stage: { step: 40 }, saved: { stage: 'finished' } });
    expect(monitor.curvesSince(new Map())[0].points).toHaveLength(20);
  });

  it('holds between two steps while it is paused, after saving, and then goes on as if nothing had been', async () => {
    const { monitor, saves, run, atStep, until, advance, taken } = rehearse({ minutes: 1 });
    atStep.set(10, () => expect(monitor.act('pause')).toBe(true));
    const training = run();
    await until('paused');
    expect(saves).toEqual([{ stage: 'radiance', step: 10, seconds: 1 }]);
    await idle();
    expect(taken()).toBe(10);
    const left = monitor.report.secondsLeft;
    // Longer than the stage may take: a pause must not count.
    advance(3_600_000);
    expect(monitor.report.secondsLeft).toBe(left);
    expect(monitor.act('pause')).toBe(true);
    expect(monitor.state).toBe('paused');
    expect(monitor.act('resume')).toBe(true);
    const result = await training;
    expect(result).toMatchObject({ outcome: 'finished', stageSeconds: { radiance: 4 } });
    expect(taken()).toBe(40);
    expect(monitor.report.stepsPerSecond).toBeCloseTo(10, 6);
  });

  it('is stopped in the middle of a step, and out of a pause', async () => {
    const running = rehearse();
    running.atStep.set(7, () => running.monitor.act('stop'));
    expect(await running.run()).toMatchObject({ outcome: 'stopped', position: { step: 7 } });
    expect(running.saves.at(-1)).toMatchObject({ step: 7 });

    const paused = rehearse();
    paused.atStep.set(3, () => paused.monitor.act('pause'));
    const training = paused.run();
    await paused.until('paused');
    expect(paused.monitor.act('stop')).toBe(true);
    expect(await training).toMatchObject({ outcome: 'stopped', position: { step: 3 } });
    paused.monitor.ended('stopped');
    expect(paused.monitor.report.goOnWith).toBe('langfield train --resume --out run');
  });

  it('takes a pause back that has not begun', async () => {
    const { monitor, run, atStep } = rehearse();
    atStep.set(5, () => {
      monitor.act('pause');
      expect(monitor.state).toBe('pausing');
      monitor.act('resume');
    });
    expect(await run()).toMatchObject({ outcome: 'finished' });
  });

  it('can be steered only while it runs', async () => {
    const { monitor, run } = rehearse();
    const all = () => (['pause', 'resume', 'stop'] as const).map((action) => monitor.act(action));
    expect(all()).toEqual([false, false, false]);
    await run();
    monitor.ended('finished');
    expect(all()).toEqual([false, false, false]);
    monitor.failed('the disk is full');
    expect(monitor.report).toMatchObject({ state: 'failed', error: 'the disk is full' });
  });

  it('saves more often only when someone looks on', async () => {
    const alone = rehearse({}, 300);
    await alone.run();
    expect(alone.saves).toHaveLength(1);
    const watched = rehearse({}, 300);
    const states: TrainingState[] = [];
    const leave = watched.monitor.subscribe((urgent) => urgent && states.push(watched.monitor.state));
    await watched.run();
    leave();
    expect(watched.saves.map(({ step }) => step)).toEqual([80, 160, 240, 0]);
    expect(states.length).toBeGreaterThan(3);
  });

  it('shows what is done before training, and the earlier part of a training that goes on', () => {
    const { monitor } = rehearse();
    const progress = monitor.observed(silentProgress);
    progress.start('encoding tiles', 12);
    progress.update(5);
    expect(monitor.report).toMatchObject({ state: 'preparing', work: { what: 'encoding tiles', done: 5, total: 12 } });
    const log = [{ stage: 'radiance', step: 20, seconds: 2, stepsPerSecond: 10, rgb: 0.1, psnr: 10 }];
    const settings = { minutes: 0, saveSeconds: 120, saveSteps: 0 };
    monitor.begin({ stages: [], fields: ['panoptic'], settings, log });
    expect(monitor.report).toMatchObject({ state: 'training', work: undefined, newest: { step: 20 } });
    expect(monitor.curvesSince(new Map())).toHaveLength(1);
    progress.start('training', 3);
    expect(monitor.report.work).toBeUndefined();
  });
});

describe('when to save a training that is watched', () => {
  it('soon, then more rarely, and never for more than a twentieth of the time', () => {
    const due = (sinceSave: number, trained: number, cost = 0) => liveSaveIsDue({ sinceSave, trained, cost });
    expect([due(firstSaveSeconds - 0.1, 10), due(firstSaveSeconds, 10)]).toEqual([false, true]);
    expect([due(59, 300), due(60, 300)]).toEqual([false, true]);
    expect([due(37, 20, 2), due(38, 20, 2)]).toEqual([false, true]);
  });
});
