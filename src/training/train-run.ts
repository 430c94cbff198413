/**
 * Trains a run: connects the loop to a run folder. Finds the checkpoint, continues from it, keeps state, log and
 * pictures, and survives a disk that fills up in the middle. What is trained – photos, targets, engine – comes from
 * the caller (train-capture.ts).
 */
import type { Engine } from '../engines/engine.ts';
import { LangfieldError } from '../errors.ts';
import type { TrainingPosition } from '../field/checkpoint.ts';
import { baseName, joinPath, type Progress, type TrainingMachine } from '../platform/platform.ts';
import type { TrainingCompanion } from './companion.ts';
import { drawHeldOut, type HeldOutPhoto } from './held-out-pictures.ts';
import { finishedStage, runTraining, type TrainingResult } from './loop.ts';
import { DivergedError, type LogEntry } from './loss-window.ts';
import type { RayBatches } from './ray-batches.ts';
import type { TrainingSettings } from './settings.ts';
import { StateKeeper, type StateKeeperOptions } from './state-keeper.ts';
import type { Stage } from './step-schedule.ts';

export interface TrainRunOptions {
  folder: string;
  settings: TrainingSettings;
  stages: readonly Stage[];
  engine: Engine;
  batches: RayBatches;
  /** Photos to draw; none in a run that trains on all photos. */
  heldOut: readonly HeldOutPhoto[];
  platform: Pick<TrainingMachine, 'files' | 'images' | 'now'>;
  progress: Progress;
  /** True once the user asked to stop. */
  stopRequested(): boolean;
  companion?: TrainingCompanion;
  /** Names and destinations of the state, where they differ from a whole run's. */
  keeper?: Pick<StateKeeperOptions, 'checkpointName' | 'logName' | 'ownsScene'>;
}

export interface TrainRunResult extends TrainingResult {
  /** Mean dB over the small pictures of held-out photos; undefined when none was drawn. */
  heldOutPsnr?: number;
}

/** Trains from the checkpoint in the folder, or from the start when there is none. */
export async function trainRun(options: TrainRunOptions): Promise<TrainRunResult> {
  const { folder, engine, platform, progress, companion, stages, settings } = options;
  const keeper = new StateKeeper({ folder, files: platform.files, engine, ...options.keeper });
  const start = await keeper.restore();
  if (start !== undefined) progress.log(describeStart(start, stages));
  const fields = engine.config.languages.map(({ name }) => name);
  companion?.begin({ stages, fields, settings, log: await keeper.readLog() });
  const save = async (position: TrainingPosition) => {
    const began = platform.now();
    await keeper.save(position);
    companion?.saved(position, (platform.now() - began) / 1000);
  };
  let heldOutPsnr: number | undefined;
  const result = await runTraining({
    ...options,
    start,
    save,
    trySave: (position) => trySave(save, position, progress),
    writeLog: survivingLog(keeper, progress),
    now: () => platform.now(),
    async drawPictures(position) {
      heldOutPsnr = (await tryDraw(options, position)) ?? heldOutPsnr;
    },
  });
  return { ...result, heldOutPsnr };
}

function describeStart({ stage, step }: TrainingPosition, stages: readonly Stage[]): string {
  if (stage === finishedStage) return 'This run is finished.';
  const steps = stages.find(({ name }) => name === stage)?.steps;
  return `Continuing the ${stage} stage at step ${step}${steps === undefined ? '' : ` of ${steps}`}.`;
}

/** A checkpoint at an interval: a full disk is worth a warning, and the next interval may have room again. */
async function trySave(
  save: (position: TrainingPosition) => Promise<void>,
  position: TrainingPosition,
  progress: Progress,
): Promise<void> {
  try {
    await save(position);
  } catch (error) {
    if (!(error instanceof LangfieldError) || error instanceof DivergedError) throw error;
    progress.warn(`no checkpoint at step ${position.step}, the one before is kept: ${error.message}`);
  }
}

/** The log is not worth ending a training for; its first failure is worth a warning. */
function survivingLog(keeper: StateKeeper, progress: Progress): (entry: LogEntry) => Promise<void> {
  let warned = false;
  return async (entry) => {
    try {
      await keeper.writeLog(entry);
    } catch (error) {
      if (!(error instanceof LangfieldError)) throw error;
      if (!warned) progress.warn(`the training log has gaps: ${error.message}`);
      warned = true;
    }
  };
}

/** Pictures are a courtesy: a disk without room for them is worth a warning. */
async function tryDraw(options: TrainRunOptions, position: TrainingPosition): Promise<number | undefined> {
  try {
    return await drawPictures(options, position);
  } catch (error) {
    if (!(error instanceof LangfieldError)) throw error;
    options.progress.warn(`a picture is missing: ${error.message}`);
    return undefined;
  }
}

/** Writes `pictures/<stage>-<step>-<photo>.png` for every held-out photo; returns their mean dB. */
async function drawPictures(options: TrainRunOptions, position: TrainingPosition): Promise<number | undefined> {
  const { heldOut, engine, folder, platform, progress } = options;
  // The language stage leaves the geometry, and so the picture, as it is.
  if (heldOut.length === 0 || position.stage === 'language') return undefined;
  let sum = 0;
  for (const photo of heldOut) {
    const { image, psnr } = await drawHeldOut(engine, photo);
    sum += psnr;
    const stem = baseName(photo.name).replace(/\.[^.]*$/, '');
    const path = joinPath(folder, 'pictures', `${position.stage}-${position.step}-${stem}.png`);
    await platform.files.writeAtomic(path, await platform.images.encodePng(image));
    progress.log(`held-out photo ${photo.name}: ${psnr.toFixed(1)} dB, see ${path}`);
  }
  return sum / heldOut.length;
}
