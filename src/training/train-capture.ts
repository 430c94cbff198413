/**
 * From a capture to a trained run, in three ways: a new run, a run that goes on, and language fields added to a run
 * whose geometry stays. This file puts photos, supervision, engine and run folder together; the loop is loop.ts, what
 * stays on disk is state-keeper.ts. Encoder, regions and pyramid come from the caller as `LanguageTraining`.
 */
import type { Capture, CapturePhoto } from '../capture/capture.ts';
import type { ImageTextEncoder } from '../encoders/encoder.ts';
import { createEngine, type EngineName } from '../engines/create-engine.ts';
import { LangfieldError } from '../errors.ts';
import { presetConfig, type SceneConfig } from '../field/config.ts';
import { initialParameters } from '../field/initialise.ts';
import type { TensorMap } from '../field/parameters.ts';
import type { RunConfig, RunPhoto } from '../field/run.ts';
import {
  createRun,
  openRunHead,
  refuseExistingRun,
  runFiles,
  type RunHead,
  trainingPosition,
} from '../field/run-folder.ts';
import { joinPath, type Progress, type TrainingMachine } from '../platform/platform.ts';
import type { Prior } from '../pyramid/prior.ts';
import type { LanguageSupervision } from '../pyramid/supervision.ts';
import type { TrainingCompanion } from './companion.ts';
import { dinoScale } from './dino-scale.ts';
import { loadHeldOutPhotos, loadTrainingPhotos } from './load-photos.ts';
import { locatePhotos } from './locate-photos.ts';
import { finishedStage } from './loop.ts';
import { type LanguageSource, RayBatches } from './ray-batches.ts';
import {
  readSavedSettings,
  resolveSettings,
  settingKeys,
  type TrainingSettings,
  trainingSettings,
} from './settings.ts';
import type { StateKeeperOptions } from './state-keeper.ts';
import { planStages, type Stage } from './step-schedule.ts';
import { trainRun, type TrainRunResult } from './train-run.ts';

/** Where language comes from. */
export interface LanguageTraining {
  encoder: ImageTextEncoder;
  /** Folder of the encoder, absolute, for the queries to come. */
  encoderFolder: string;
  /** Targets for every prior; photo numbers are positions in `photos`. Builds the pyramid where it is missing. */
  supervise(photos: readonly CapturePhoto[], priors: readonly Prior[]): Promise<Map<Prior, LanguageSupervision>>;
  /** Keeps the regions of the last `supervise` in a folder, for looking at; `photos` are those of the run. */
  saveRegions?(folder: string, photos: readonly RunPhoto[], priors: readonly Prior[]): Promise<void>;
  /** How regions and pyramid were made; saved with the run. */
  settings: Record<string, unknown>;
}

/** What all three ways need. */
export interface TrainingContext {
  platform: TrainingMachine;
  progress: Progress;
  engine: EngineName;
  /** Bytes of GPU memory that training may take; absent = no limit. */
  maxMemory?: number;
  /** True once the user asked to stop. */
  stopRequested(): boolean;
  /** Watches the training and may pause it. */
  companion?: TrainingCompanion;
}

export interface NewRun extends TrainingContext {
  capture: Capture;
  /** Folder of the run; must not hold one yet. */
  folder: string;
  given: Partial<TrainingSettings>;
  /** Absent: the radiance field alone. */
  language?: LanguageTraining;
  /** Makes a path independent of the current folder. */
  absolutePath(path: string): string;
}

export interface ResumedRun extends TrainingContext {
  folder: string;
  /** Where the capture is now, absolute; absent: where it was. */
  captureFolder?: string;
  /** Settings that differ from the saved ones; only some may. */
  given: Partial<TrainingSettings>;
  /** Must be there when the run has language fields. */
  language?: LanguageTraining;
}

/** Trains a new run. Nothing is written before photos, pyramid and engine are ready. */
export async function trainNewRun(request: NewRun): Promise<TrainRunResult> {
  const { capture, folder, language, platform } = request;
  await refuseExistingRun(folder, platform.files);
  const sides = capture.photos.map(({ camera }) => Math.max(camera.width, camera.height));
  const settings = resolveSettings(request.given, { longestSide: Math.max(...sides), cores: platform.cores });
  const photos = capture.photos.map((photo) => runPhoto(photo, request.absolutePath));
  const scene = describeScene(settings, photos, language?.encoder);
  const prepared = await prepareTraining(request, { photos, scene, settings, language });
  try {
    const canonicalEmbeddings = await language?.encoder.encodeTexts(language.encoder.canonicalPhrases);
    const config = {
      scene,
      capture: { root: capture.root, format: capture.format },
      worldToScene: {
        transform: [...capture.worldToScene.transform],
        scale: capture.worldToScene.scale,
      },
      ...(language ? { encoder: describeEncoder(language) } : {}),
      training: { ...settings, ...language?.settings },
    };
    await createRun(folder, platform.files, { config, photos, canonicalEmbeddings });
    return await prepared.train(folder, planStages(settings, scene.languages.length));
  } finally {
    await prepared.close();
  }
}

/** Continues a run from its checkpoint, with the photos, poses and settings that it remembers. */
export async function resumeRun(request: ResumedRun): Promise<TrainRunResult> {
  const { files } = request.platform;
  const head = await locatePhotos(await openRunHead(request.folder, files), request.captureFolder, files);
  const settings = resumedSettings(head, request.given);
  const { scene } = head.config;
  const position = await trainingPosition(head.folder, files);
  if (position?.stage === finishedStage) {
    const saved = savedSettings(head);
    const changes = settingKeys.some((key) => String(settings[key]) !== String(saved[key]));
    request.progress.log('This run is finished.');
    if (changes) request.progress.warn('the settings given now change nothing; train a new run with --out');
    return { outcome: 'finished', position, stageSeconds: {} };
  }
  if (position === undefined) request.progress.log('There is no checkpoint: training starts from the beginning.');
  requireEncoder(head, request.language);
  const prepared = await prepareTraining(request, { photos: head.photos, scene, settings, language: request.language });
  try {
    return await prepared.train(head.folder, planStages(settings, scene.languages.length));
  } finally {
    await prepared.close();
  }
}

/** The settings a run goes on with: saved ones, and the changes that do not make it another run. */
export function resumedSettings(head: RunHead, given: Partial<TrainingSettings>): TrainingSettings {
  const saved = savedSettings(head);
  for (const key of settingKeys) {
    if (given[key] === undefined || String(given[key]) === String(saved[key])) continue;
    const { flag, ...declared } = trainingSettings[key];
    if (!('changeable' in declared))
      throw new LangfieldError({
        problem: 'this setting cannot change when a run is resumed',
        field: `--${flag}`,
        found: String(given[key]),
        expected: `${saved[key]}, as saved in ${configFile(head)}`,
        advice: 'Leave the flag out, or start a new run with --out',
      });
  }
  return { ...saved, ...given };
}

const configFile = ({ folder }: RunHead) => `${folder}/config.json`;

const savedSettings = (head: RunHead) => readSavedSettings(head.config.training, configFile(head));

export function requireEncoder({ config, folder }: RunHead, language: LanguageTraining | undefined): void {
  if (config.encoder === undefined || config.encoder.identity === language?.encoder.identity) return;
  throw new LangfieldError({
    problem: 'this run was started with another encoder',
    file: folder,
    field: '--encoder',
    found: language ? `${language.encoder.name} (${language.encoderFolder})` : 'none',
    expected: `${config.encoder.name}, identity ${config.encoder.identity.slice(0, 12)}…`,
    advice: 'Give the folder of the original encoder, or start a new run with --out',
  });
}

export function describeEncoder({ encoder, encoderFolder }: LanguageTraining): NonNullable<RunConfig['encoder']> {
  const { name, identity, dim, canonicalPhrases } = encoder;
  return { name, folder: encoderFolder, identity, dim, canonicalPhrases: [...canonicalPhrases] };
}

export const trainingPhotos = (photos: readonly RunPhoto[]): RunPhoto[] =>
  photos.filter(({ split }) => split === 'train');

function runPhoto(photo: CapturePhoto, absolutePath: (path: string) => string): RunPhoto {
  const { name, path, split, camera, exif, maskPath } = photo;
  return {
    name,
    path: absolutePath(path),
    split,
    camera,
    ...(exif === undefined ? {} : { exif }),
    ...(maskPath === undefined ? {} : { maskPath: absolutePath(maskPath) }),
  };
}

function describeScene(settings: TrainingSettings, photos: RunPhoto[], encoder?: ImageTextEncoder): SceneConfig {
  const demands = encoder ? settings.prior.map((name) => languageDemand(name, encoder)) : [];
  const scene = presetConfig(settings.preset, trainingPhotos(photos).length, demands);
  scene.radiance.poseRefinement = settings.poseRefinement;
  return scene;
}

export function languageDemand(name: Prior, { dim, dense }: ImageTextEncoder) {
  return { name, clipDim: dim, dinoDim: dense?.dim ?? 0 };
}

export interface TrainingMaterial {
  photos: readonly RunPhoto[];
  scene: SceneConfig;
  settings: TrainingSettings;
  language?: LanguageTraining;
  /** Parameters to start from; absent: fresh ones of the seed. */
  parameters?: TensorMap;
}

export interface PreparedTraining {
  train(folder: string, stages: readonly Stage[], keeper?: KeeperNames): Promise<TrainRunResult>;
  readParameters(): Promise<TensorMap>;
  close(): Promise<void>;
}

type KeeperNames = Pick<StateKeeperOptions, 'checkpointName' | 'logName' | 'ownsScene'>;

/** Everything that can fail before the first step: photos, supervision, engine. */
export async function prepareTraining(
  context: TrainingContext,
  { photos, scene, settings, language, parameters }: TrainingMaterial,
): Promise<PreparedTraining> {
  const { platform, progress } = context;
  const training = trainingPhotos(photos);
  const heldOut = await loadHeldOutPhotos(
    photos.filter(({ split }) => split === 'test'),
    settings.downscale,
    platform,
  );
  const pixels = await loadTrainingPhotos(training, settings.downscale, platform, progress);
  const priors = scene.languages.map(({ name }) => name as Prior);
  const supervisions = language && priors.length > 0 ? await language.supervise(training, priors) : undefined;
  const batches = new RayBatches({
    photos: pixels,
    languages: languageSources(scene, supervisions, training.length, settings, progress),
    seed: settings.seed,
    rays: settings.rays,
  });
  const start = parameters ?? initialParameters(scene, settings.seed);
  const engine = await createEngine(context.engine, scene, start, platform, {
    threads: settings.threads,
    raysPerStep: settings.rays,
    maxMemory: context.maxMemory,
  });
  if (engine.summary !== undefined) progress.log(engine.summary);
  return {
    train: async (folder, stages, keeper) => {
      await language?.saveRegions?.(joinPath(folder, runFiles.regions), photos, priors);
      return trainRun({ ...context, folder, settings, stages, engine, batches, heldOut, keeper });
    },
    readParameters: () => engine.readParameters(),
    close: () => engine.close(),
  };
}

/** Targets of every language field of the scene; `photos` is how many there are to train on. */
function languageSources(
  { languages }: SceneConfig,
  supervisions: ReadonlyMap<Prior, LanguageSupervision> | undefined,
  photos: number,
  { dinoSpread }: TrainingSettings,
  progress: Progress,
): LanguageSource[] {
  const sources: LanguageSource[] = languages.map(({ name, clipDim, dinoDim }) => ({
    supervision: supervisions!.get(name as Prior)!,
    clipDim,
    dinoDim,
  }));
  if (sources.length === 0) return [];
  // All fields have the dense features of one encoder.
  const scale = dinoScale(sources[0].supervision, photos, dinoSpread);
  if (scale < 1) progress.log(`dense features are scaled by ${scale.toPrecision(2)}, to --dino-spread ${dinoSpread}`);
  return sources.map((source) => ({ ...source, dinoScale: scale }));
}
