/** What all language fields of a scene and seed share: the capture and one radiance field. Made once, then reused. */
import { resolve } from 'node:path';
import { openCapture } from '../../src/capture/open-capture.ts';
import { createEngine } from '../../src/engines/create-engine.ts';
import { loadPhotoTarget, trainingDownscale } from '../../src/evaluate/photo-target.ts';
import { meanOf, scorePhotos } from '../../src/evaluate/score-photos.ts';
import { isRun, openRun, trainingPosition } from '../../src/field/run-folder.ts';
import { joinPath } from '../../src/platform/platform.ts';
import { writeScene } from '../../src/scenes/write-scene.ts';
import { finishedStage } from '../../src/training/loop.ts';
import { resumeRun, type TrainingContext, trainNewRun } from '../../src/training/train-capture.ts';
import { type PriorBenchContext, stopIfAsked } from './context.ts';
import type { PhotoResult, Unit } from './results.ts';

export async function prepareGeometry(unit: Unit, context: PriorBenchContext): Promise<void> {
  const { work, platform } = context;
  if (await work.has(work.photos(unit))) return;
  const seconds = async (action: () => Promise<boolean>): Promise<number | null> => {
    const start = platform.now();
    return (await action()) ? (platform.now() - start) / 1000 : null;
  };
  const capture = await seconds(() => photograph(unit, context));
  const radiance = await seconds(() => trainRadiance(unit, context));
  stopIfAsked(context);
  const result: PhotoResult = { ...unit, ...(await scoreHeldOut(unit, context)), seconds: { capture, radiance } };
  await work.writeJson(work.photos(unit), result);
}

/** Whether there was something to do. */
async function photograph(unit: Unit, { work, options, platform, progress }: PriorBenchContext): Promise<boolean> {
  const folder = work.capture(unit);
  // The file that comes last.
  if (await work.has(joinPath(folder, 'transforms.json'))) return false;
  const { views, novelViews, size, samples } = options;
  const { seed } = unit;
  await writeScene(unit.scene, folder, { seed, views, novelViews, ...size, samples }, platform, progress);
  return true;
}

async function trainRadiance(unit: Unit, context: PriorBenchContext): Promise<boolean> {
  const { work, options, platform } = context;
  const { files, images } = platform;
  const folder = work.radiance(unit);
  const training = trainingContext(context);
  const { threads, steps } = options;
  if (await isRun(folder, files)) {
    if ((await trainingPosition(folder, files))?.stage === finishedStage) return false;
    const captureFolder = resolve(work.capture(unit));
    await resumeRun({ ...training, folder, captureFolder, given: { threads } });
    stopIfAsked(context);
    return true;
  }
  const capture = await openCapture(work.capture(unit), files, images);
  // The poses are exact.
  const given = { seed: unit.seed, steps, threads, poseRefinement: false };
  await trainNewRun({ ...training, capture, folder, given, absolutePath: (path) => resolve(path) });
  stopIfAsked(context);
  return true;
}

async function scoreHeldOut(unit: Unit, { work, options, platform, progress }: PriorBenchContext) {
  const run = await openRun(work.radiance(unit), platform.files);
  const { threads } = options;
  const engine = await createEngine('wasm', run.config.scene, run.parameters, platform, { threads, raysPerStep: 1 });
  try {
    const heldOut = run.photos.filter(({ split }) => split === 'test');
    const downscale = trainingDownscale(run.config);
    const scores = await scorePhotos(engine, heldOut, (photo) => loadPhotoTarget(photo, downscale, platform), progress);
    return { psnr: meanOf(scores.map(({ psnr }) => psnr)), ssim: meanOf(scores.map(({ ssim }) => ssim)) };
  } finally {
    await engine.close();
  }
}

export function trainingContext({ platform, progress, stopRequested }: PriorBenchContext): TrainingContext {
  return { platform, progress, engine: 'wasm', stopRequested };
}
