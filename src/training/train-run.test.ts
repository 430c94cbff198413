import { describe, expect, it } from 'vitest';
import { diskFull, type MemoryFiles, memoryFiles } from '../../test/memory-files.ts';
import type { StepLosses, StepSettings, TrainingBatch } from '../engines/engine.ts';
import { readCheckpoint } from '../field/checkpoint.ts';
import { presetConfig, type SceneConfig } from '../field/config.ts';
import type { Camera } from '../math/camera.ts';
import { type ImageCodec, type Progress, silentProgress } from '../platform/platform.ts';
import type { LanguageSupervision } from '../pyramid/supervision.ts';
import { ArithmeticEngine } from './arithmetic-engine.fixture.ts';
import type { LogEntry } from './loss-window.ts';
import { TrainingMonitor } from './monitor.ts';
import { RayBatches } from './ray-batches.ts';
import { resolveSettings, type TrainingSettings } from './settings.ts';
import { planStages } from './step-schedule.ts';
import { trainRun } from './train-run.ts';

const grid = { levels: 1, features: 2, log2Entries: 4, baseResolution: 2, maxResolution: 2 };

function tinyConfig(fields: number): SceneConfig {
  const names = ['panoptic', 'none'].slice(0, fields);
  const config = presetConfig(
    'small',
    2,
    names.map((name) => ({ name, clipDim: 3, dinoDim: 0 })),
  );
  config.radiance.grid = grid;
  for (const proposal of config.radiance.proposals) proposal.grid = grid;
  for (const language of config.languages) language.grids = [grid];
  return config;
}

const camera = (x: number): Camera => ({
  model: 'perspective',
  width: 6,
  height: 4,
  fx: 5,
  fy: 5,
  cx: 3,
  cy: 2,
  distortion: [0, 0, 0, 0, 0, 0],
  cameraToWorld: Float64Array.of(1, 0, 0, x, 0, 1, 0, 0, 0, 0, 1, 0),
});

const supervision: LanguageSupervision = {
  clipDim: 3,
  dinoDim: 0,
  photoSize: () => ({ width: 12, height: 8 }),
  lookupClip(photo, row, col, bin, omega, out, offset) {
    out.set([photo + row, col, bin + omega], offset);
    return true;
  },
  lookupDino: () => {},
};

interface Rehearsal {
  files: MemoryFiles;
  engine: ArithmeticEngine;
  warnings: string[];
  run: () => ReturnType<typeof trainRun>;
  log: () => LogEntry[];
}

/** An engine that gives losses only when it is asked for them, as the GPU engine does. */
class LateEngine extends ArithmeticEngine {
  private readonly kept: StepLosses[] = [];

  async startStep(batch: TrainingBatch, settings: StepSettings): Promise<void> {
    this.kept.push(await this.trainStep(batch, settings));
  }

  async collectLosses(): Promise<StepLosses[]> {
    return this.kept.splice(0);
  }
}

/** A run in memory; `stopAfter` asks it to stop once its engine has taken so many steps. */
function rehearse(
  given: Partial<TrainingSettings>,
  options: {
    fields?: number;
    files?: MemoryFiles;
    stopAfter?: number;
    now?: () => number;
    engineKind?: typeof ArithmeticEngine;
    companion?: TrainingMonitor;
  } = {},
): Rehearsal {
  const { fields = 1, files = memoryFiles(), stopAfter = Number.POSITIVE_INFINITY, now = () => 0 } = options;
  const { engineKind: EngineKind = ArithmeticEngine } = options;
  const settings = resolveSettings(
    { steps: 12, languageSteps: 7, rays: 8, logSteps: 5, saveSeconds: 0, ...given },
    { longestSide: 6, cores: 1 },
  );
  const config = tinyConfig(fields);
  const engine = new EngineKind(config, settings.seed);
  const rgb = Uint8Array.from({ length: 72 }, (_, i) => i * 3);
  const batches = new RayBatches({
    photos: [0, 1].map((index) => ({ camera: camera(index), rgb, supervisionIndex: index })),
    languages: config.languages.map(() => ({ supervision, clipDim: 3, dinoDim: 0 })),
    seed: settings.seed,
    rays: settings.rays,
  });
  const warnings: string[] = [];
  const progress: Progress = { ...silentProgress, warn: (line) => warnings.push(line) };
  const images = { encodePng: async (image: { data: Uint8Array }) => image.data } as unknown as ImageCodec;
  return {
    files,
    engine,
    warnings,
    run: async () => {
      await files.makeFolder('run');
      return trainRun({
        folder: 'run',
        settings,
        stages: planStages(settings, fields),
        engine,
        batches,
        heldOut: [{ name: 'images/held.jpg', camera: camera(0.5), rgb }],
        platform: { files, images, now },
        progress,
        stopRequested: () => engine.taken.length >= stopAfter,
        companion: options.companion,
      });
    },
    log: () =>
      new TextDecoder()
        .decode(files.contents.get('run/training-log.jsonl'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as LogEntry),
  };
}

const sceneOf = (files: MemoryFiles) => files.contents.get('run/scene.safetensors');

describe('a training run', () => {
  it('trains the radiance field, then the language fields on the frozen geometry', async () => {
    const { run, engine, log, files } = rehearse({}, { fields: 2 });
    const result = await run();
    expect(result).toMatchObject({ outcome: 'finished', position: { stage: 'finished' } });
    expect(engine.taken).toHaveLength(19);
    const [radiance, language] = [engine.taken.slice(0, 12), engine.taken.slice(12)];
    expect(radiance.every((s) => s.trainRadiance && !s.trainLanguage)).toBe(true);
    expect(language.every((s) => !s.trainRadiance && s.trainLanguage && s.anneal === 1 && !s.updateProposals)).toBe(
      true,
    );
    expect(radiance.map((s) => s.step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(radiance[0].learningRates.fields).toBeCloseTo(0.01, 12);
    expect(radiance[11].learningRates.fields).toBeCloseTo(0.01 * 0.1 ** (11 / 12), 12);
    expect(language[0].learningRates.language).toBeCloseTo(0.01, 12);
    expect(log().map(({ stage, step }) => `${stage} ${step}`)).toEqual([
      'radiance 5',
      'radiance 10',
      'radiance 12',
      'language 5',
      'language 7',
    ]);
    expect(log()[0].psnr).toBeGreaterThan(15);
    expect(log()[3].clip).toHaveLength(2);
    expect([...files.contents.keys()]).toContain('run/pictures/radiance-12-held.png');
    expect(result.heldOutPsnr).toBeGreaterThan(0);
  });

  it('trains everything in every step when joint', async () => {
    const { run, engine } = rehearse({ joint: true });
    await run();
    expect(engine.taken).toHaveLength(12);
    expect(engine.taken.every((s) => s.trainRadiance && s.trainLanguage)).toBe(true);
  });

  it('has no language stage without language fields', async () => {
    const { run, engine } = rehearse({}, { fields: 0 });
    expect((await run()).position.stage).toBe('finished');
    expect(engine.taken).toHaveLength(12);
  });

  it('stopped anywhere and resumed gives the bytes of an uninterrupted run', async () => {
    const whole = rehearse({});
    await whole.run();
    for (const stopAfter of [0, 1, 5, 11, 12, 13, 18]) {
      const first = rehearse({}, { stopAfter });
      const stopped = await first.run();
      expect(stopped.outcome).toBe('stopped');
      expect(first.engine.taken).toHaveLength(stopAfter);
      const second = rehearse({}, { files: first.files });
      expect((await second.run()).outcome).toBe('finished');
      expect(second.engine.taken).toHaveLength(19 - stopAfter);
      expect(sceneOf(first.files), `stopped after ${stopAfter}`).toEqual(sceneOf(whole.files));
    }
  });

  it('joint, stopped and resumed gives the same bytes too', async () => {
    const whole = rehearse({ joint: true }, { fields: 2 });
    await whole.run();
    const first = rehearse({ joint: true }, { fields: 2, stopAfter: 6 });
    await first.run();
    await rehearse({ joint: true }, { fields: 2, files: first.files }).run();
    expect(sceneOf(first.files)).toEqual(sceneOf(whole.files));
  });

  it('watched, saved earlier and paused gives the same bytes and the same log', async () => {
    const alone = rehearse({}, { fields: 2 });
    await alone.run();
    const companion = new TrainingMonitor({ now: () => 0, paced: true, goOnWith: '' });
    companion.subscribe(() => {
      const { stage } = companion.report;
      if (stage && stage.step % 3 === 2 && companion.state === 'training') companion.act('pause');
      if (companion.state === 'paused') setTimeout(() => companion.act('resume'), 0);
    });
    const watched = rehearse({}, { fields: 2, companion });
    await watched.run();
    expect(sceneOf(watched.files)).toEqual(sceneOf(alone.files));
    expect(watched.log()).toEqual(alone.log());
    expect(companion.report.newest).toEqual(alone.log().at(-1));
  });

  it('killed between checkpoints goes on from the last one and forgets the log after it', async () => {
    const whole = rehearse({});
    await whole.run();
    const killed = rehearse({ saveSteps: 4, logSteps: 1 });
    killed.engine.afterStep = (steps) => {
      if (steps === 11) throw new Error('killed');
    };
    await expect(killed.run()).rejects.toThrow('killed');
    expect(killed.log().at(-1)?.step).toBe(10);
    const cut = killed.files.contents.get('run/training-log.jsonl')!;
    killed.files.contents.set('run/training-log.jsonl', cut.subarray(0, cut.length - 9));
    const again = rehearse({ saveSteps: 4, logSteps: 1 }, { files: killed.files });
    await again.run();
    expect(again.engine.taken).toHaveLength(19 - 8);
    expect(again.log().map(({ step }) => step)).toEqual([...Array(12).keys(), ...Array(7).keys()].map((i) => i + 1));
    expect(sceneOf(killed.files)).toEqual(sceneOf(whole.files));
  });

  it('that is finished has nothing left to do', async () => {
    const first = rehearse({});
    await first.run();
    const again = rehearse({}, { files: first.files });
    expect((await again.run()).outcome).toBe('finished');
    expect(again.engine.taken).toHaveLength(0);
  });

  it('saves by time', async () => {
    let now = 0;
    const { run, engine, files } = rehearse({ saveSeconds: 3 }, { now: () => now, fields: 0 });
    const saves: number[] = [];
    files.beforeWrite = (path) => {
      if (path.endsWith('checkpoint.safetensors')) saves.push(engine.taken.length);
    };
    engine.afterStep = () => (now += 1000);
    await run();
    expect(saves).toEqual([3, 6, 9, 12]);
  });

  it('ends each stage after the minutes that were given', async () => {
    let now = 0;
    const { run, engine } = rehearse({ minutes: 0.05 }, { now: () => now });
    engine.afterStep = () => (now += 1000);
    expect((await run()).position.stage).toBe('finished');
    expect(engine.taken.map((s) => s.trainLanguage)).toEqual([false, false, false, true, true, true]);
  });
});

describe('trouble in a training run', () => {
  it('a full disk in the middle keeps the old checkpoint and training goes on; at the end it is an error', async () => {
    const { run, engine, files, warnings } = rehearse({ saveSteps: 4 }, { fields: 0 });
    files.beforeWrite = (path) => {
      if (engine.taken.length > 4) throw diskFull(path);
    };
    await expect(run()).rejects.toThrow(/run\/scene\.safetensors: cannot write: the disk is full/);
    expect(engine.taken).toHaveLength(12);
    expect(warnings).toEqual([
      expect.stringMatching(/^the training log has gaps/),
      expect.stringMatching(/^no checkpoint at step 8, the one before is kept: .*the disk is full/),
    ]);
    const kept = await readCheckpoint('run/checkpoint.safetensors', files);
    expect(kept?.position).toMatchObject({ stage: 'radiance', step: 4 });
    files.beforeWrite = () => {};
    const again = rehearse({}, { fields: 0, files });
    await again.run();
    const whole = rehearse({}, { fields: 0 });
    await whole.run();
    expect(sceneOf(files)).toEqual(sceneOf(whole.files));
  });

  it.each(['rgb', 'clip'] as const)(
    'a %s loss that is not a number stops it and keeps the last checkpoint',
    async (term) => {
      const { run, engine, files } = rehearse({ saveSteps: 4, joint: true });
      engine.afterStep = (steps, losses) => {
        if (steps !== 7) return;
        if (term === 'rgb') losses.rgb = Number.NaN;
        else losses.clip[0] = Number.POSITIVE_INFINITY;
      };
      await expect(run()).rejects.toThrow(
        new RegExp(
          `training diverged in step 7 of the joint stage: the ${term} loss is (NaN|Infinity); .*--resume and lower`,
        ),
      );
      expect((await readCheckpoint('run/checkpoint.safetensors', files))?.position.step).toBe(4);
    },
  );

  it('an engine that keeps its losses back gives the same run, log included', async () => {
    const given = { steps: 40, logSteps: 33, saveSteps: 9, seed: 4 };
    const [prompt, late] = [rehearse(given), rehearse(given, { engineKind: LateEngine })];
    await prompt.run();
    await late.run();
    expect(late.log()).toEqual(prompt.log());
    expect(late.log().map(({ step }) => step)).toEqual([33, 40, 7]);
    expect(sceneOf(late.files)).toEqual(sceneOf(prompt.files));
  });

  it('a loss that is not a number is found late, but by its own step', async () => {
    const { run, engine } = rehearse({ steps: 40, logSteps: 40 }, { engineKind: LateEngine });
    engine.afterStep = (steps, losses) => {
      if (steps === 6) losses.rgb = Number.NaN;
    };
    await expect(run()).rejects.toThrow(/training diverged in step 6 of the radiance stage: the rgb loss is NaN/);
    expect(engine.taken).toHaveLength(16);
  });

  it('parameters that are not numbers are never saved', async () => {
    const { run, engine, files } = rehearse({ saveSteps: 4 });
    engine.afterStep = async (steps) => {
      if (steps !== 6) return;
      const parameters = await engine.readParameters();
      parameters.get('radiance.grid')![3] = Number.NaN;
      await engine.writeParameters(parameters);
    };
    await expect(run()).rejects.toThrow(
      /training diverged at step 8 of radiance: the parameter radiance\.\S+ holds NaN/,
    );
    expect((await readCheckpoint('run/checkpoint.safetensors', files))?.position.step).toBe(4);
  });

  it('a checkpoint of another scene is refused', async () => {
    const first = rehearse({}, { fields: 1, stopAfter: 3 });
    await first.run();
    await expect(rehearse({}, { fields: 2, files: first.files }).run()).rejects.toThrow(/another scene description/);
  });
});
