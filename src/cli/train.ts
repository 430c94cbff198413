/** `langfield train`: from a capture to a scene that can be asked; resumable, and able to add language fields later. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { openCapture } from '../capture/open-capture.ts';
import { LangfieldError } from '../errors.ts';
import { openRunHead, refuseExistingRun } from '../field/run-folder.ts';
import { baseName, joinPath } from '../platform/platform.ts';
import type { Pyramid } from '../pyramid/build-pyramid.ts';
import { addLanguages } from '../training/add-languages.ts';
import { TrainingMonitor } from '../training/monitor.ts';
import type { TrainingSettings } from '../training/settings.ts';
import { resumeRun, type TrainingContext, trainNewRun } from '../training/train-capture.ts';
import type { TrainRunResult } from '../training/train-run.ts';
import { addCaptureOptions, type CaptureFlags, captureOptionsOf } from './capture-options.ts';
import type { CliContext } from './context.ts';
import { addDeviceOptions, chooseEngine, type DeviceFlags } from './device-options.ts';
import { Interrupted } from './exit-codes.ts';
import { watchInterrupts } from './interrupt.ts';
import { addLanguageOptions, type LanguageFlags } from './language-options.ts';
import {
  addLiveViewOptions,
  checkLiveViewFlags,
  type LiveView,
  type LiveViewFlags,
  startLiveView,
} from './live-view.ts';
import { type MeasuredLanguageTraining, openLanguageTraining } from './language-training.ts';
import { addTrainingOptions, givenSettings } from './settings.ts';

interface TrainFlags extends CaptureFlags, LanguageFlags, DeviceFlags, LiveViewFlags {
  out?: string;
  resume: boolean;
  languageOnly?: string;
}

export function addTrainCommand(program: Command, context: CliContext): void {
  const command = program
    .command('train')
    .description('Train a scene: the radiance field, then one language field per prior.')
    .argument(
      '[capture]',
      'folder with photographs and cameras; not needed with --resume --out or --language-only unless it has moved',
    )
    .option('--out <folder>', 'folder of the run (default: runs/<name of the capture>)')
    .option('--resume', 'continue an interrupted run from its last checkpoint', false)
    .option('--language-only <run>', 'add language fields to a finished run without touching its geometry');
  addTrainingOptions(addCaptureOptions(addLanguageOptions(addDeviceOptions(addLiveViewOptions(command)))));
  command.action((capture: string | undefined, flags: TrainFlags) => train(capture, flags, command, context));
}

async function train(
  capture: string | undefined,
  flags: TrainFlags,
  command: Command,
  context: CliContext,
): Promise<void> {
  const given = givenSettings(command.opts());
  checkLiveViewFlags(flags);
  const folder = flags.languageOnly ?? flags.out ?? defaultFolder(capture);
  const monitor = flags.view ? createMonitor(folder, flags, given, context) : undefined;
  const live = monitor && (await startLiveView(folder, flags, monitor, context));
  const watch = watchInterrupts(context.progress, () => monitor?.stop());
  const watched: Watched = {
    context: monitor ? { ...context, progress: monitor.observed(context.progress) } : context,
    stopRequested: () => watch.stopRequested() || monitor?.stopRequested === true,
    monitor,
  };
  let failure: unknown;
  try {
    await trainAndReport({ folder, capture, flags, given }, command, watched);
  } catch (error) {
    failure = error;
  }
  watch.close();
  if (live) await afterTraining(live, monitor, failure, watch.interrupted, context);
  if (failure !== undefined) throw failure;
}

interface Watched {
  /** Its progress is shown to whoever watches. */
  context: CliContext;
  stopRequested(): boolean;
  monitor?: TrainingMonitor;
}

async function trainAndReport(
  asked: Omit<Asked, 'training' | 'language'>,
  command: Command,
  { context, stopRequested, monitor }: Watched,
): Promise<void> {
  const { folder, flags } = asked;
  const { platform, progress } = context;
  const engine = await chooseEngine(flags, context);
  const { maxMemory } = flags;
  const training = { platform, progress, engine, maxMemory, stopRequested, companion: monitor };
  const language = await findLanguage(folder, flags, command, context);
  try {
    const result = await trainAsAsked({ ...asked, training, language });
    monitor?.ended(result.outcome);
    report(folder, result, language, flags, context);
  } finally {
    await language?.encoder.close();
  }
}

function createMonitor(
  folder: string,
  flags: TrainFlags,
  given: Partial<TrainingSettings>,
  { platform }: CliContext,
): TrainingMonitor {
  // The scene of a finished run gets its new fields only at the end: saving more often would show nothing.
  const paced = given.saveSeconds === undefined && flags.languageOnly === undefined;
  return new TrainingMonitor({ now: () => platform.now(), paced, goOnWith: commandToGoOn(folder, flags) });
}

/** The page stays after training, unless the user pressed Ctrl-C or nothing has been trained. */
async function afterTraining(
  { linger, close }: LiveView,
  monitor: TrainingMonitor,
  failure: unknown,
  interrupted: boolean,
  { progress }: CliContext,
): Promise<void> {
  const failed = failure !== undefined && !(failure instanceof Interrupted);
  if (failed) monitor.failed(failureText(failure));
  if (interrupted || (failed && !monitor.begun)) {
    await close();
    return;
  }
  if (failed) progress.warn(`training failed: ${failureText(failure)}`);
  else if (failure instanceof Interrupted) progress.log(failure.message);
  await linger();
}

const failureText = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const commandToGoOn = (folder: string, flags: TrainFlags): string =>
  flags.languageOnly === undefined ? `langfield train --resume --out ${folder}` : 'the same command';

function defaultFolder(capture: string | undefined): string {
  if (capture !== undefined) return joinPath('runs', baseName(resolve(capture).replace(/\.json$/, '')));
  throw new LangfieldError({
    problem: 'there is nothing to train on',
    advice: 'Give the folder of a capture, or --resume --out <run>, or --language-only <run>',
  });
}

interface Asked {
  folder: string;
  capture?: string;
  flags: TrainFlags;
  given: Partial<TrainingSettings>;
  training: TrainingContext;
  language?: MeasuredLanguageTraining;
}

async function trainAsAsked({ folder, capture, flags, given, training, language }: Asked): Promise<TrainRunResult> {
  const { platform, progress } = training;
  const captureFolder = capture === undefined ? undefined : resolve(capture).replace(/[/\\][^/\\]*\.json$/, '');
  if (flags.languageOnly !== undefined) {
    if (language === undefined)
      throw new LangfieldError({
        problem: 'language needs an encoder',
        field: '--encoder',
        advice: 'Give --encoder <folder>',
      });
    return addLanguages({ ...training, folder, captureFolder, given, language });
  }
  if (flags.resume) return resumeRun({ ...training, folder, captureFolder, given, language });
  if (capture === undefined) defaultFolder(capture);
  const opened = await openCapture(capture!, platform.files, platform.images, captureOptionsOf(flags));
  for (const warning of opened.warnings) progress.warn(warning);
  if (language === undefined)
    progress.log('No encoder given: training the radiance field alone. Phrases need --encoder <folder>.');
  return trainNewRun({ ...training, capture: opened, folder, given, language, absolutePath: (path) => resolve(path) });
}

/** The encoder that was given, or the one that the run to be continued remembers. */
async function findLanguage(
  folder: string,
  flags: TrainFlags,
  command: Command,
  context: CliContext,
): Promise<MeasuredLanguageTraining | undefined> {
  const { files } = context.platform;
  const goesOn = flags.resume || flags.languageOnly !== undefined;
  if (!goesOn) await refuseExistingRun(folder, files);
  const config = goesOn ? (await openRunHead(folder, files)).config : undefined;
  const encoderFolder = flags.encoder ?? config?.encoder?.folder;
  return encoderFolder === undefined
    ? undefined
    : openLanguageTraining(encoderFolder, flags, command, context, config?.training);
}

function report(
  folder: string,
  { outcome, position, heldOutPsnr, stageSeconds }: TrainRunResult,
  language: MeasuredLanguageTraining | undefined,
  flags: TrainFlags,
  { print }: CliContext,
): void {
  const times = timeLine(language?.encoding(), stageSeconds);
  if (times !== undefined) print(times);
  if (outcome === 'stopped') {
    const again = commandToGoOn(folder, flags);
    throw new Interrupted(`Saved at step ${position.step} of the ${position.stage} stage. Go on with: ${again}`);
  }
  if (heldOutPsnr !== undefined) print(`held-out photos: ${heldOutPsnr.toFixed(2)} dB (small pictures)`);
  print(`run: ${folder}`);
  print(
    language
      ? `ask it: langfield query ${folder} "a phrase; another phrase"`
      : `look at it: langfield render ${folder}`,
  );
}

const stageNames = { radiance: 'radiance field', language: 'language fields', joint: 'radiance and language' };

/** Encoding beside training, so that one sees where the time goes. */
export function timeLine(
  encoding: Pyramid['encoding'] | undefined,
  stageSeconds: TrainRunResult['stageSeconds'],
): string | undefined {
  const parts = Object.entries(stageSeconds).map(
    ([stage, seconds]) => `${stageNames[stage as keyof typeof stageNames]} ${seconds.toFixed(1)} s`,
  );
  if (encoding && encoding.photos > 0) {
    const { photos, seconds } = encoding;
    parts.unshift(`encoding ${seconds.toFixed(1)} s (${(seconds / photos).toFixed(2)} s for each of ${photos} photos)`);
  } else if (encoding && parts.length > 0) parts.unshift('encoding 0 s (everything was in the cache)');
  return parts.length === 0 ? undefined : `time: ${parts.join(', ')}`;
}
