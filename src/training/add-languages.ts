/**
 * Adds language fields to a finished run without touching its geometry: no language loss reaches the radiance field
 * (spec §2.7), so the field is the one a joint training would have given on that geometry. The new fields train on
 * their own checkpoint and join the scene file, in one atomic write, when they are done.
 */
import { LangfieldError } from '../errors.ts';
import { readScene } from '../field/checkpoint.ts';
import { presetConfig, type SceneConfig } from '../field/config.ts';
import { initialParameters } from '../field/initialise.ts';
import { describeLanguage, type TensorMap } from '../field/parameters.ts';
import type { Run } from '../field/run.ts';
import { openRun, openRunHead, runFiles, saveScene, trainingPosition, updateRun } from '../field/run-folder.ts';
import { joinPath } from '../platform/platform.ts';
import { defaultPrior, type Prior } from '../pyramid/prior.ts';
import { locatePhotos } from './locate-photos.ts';
import { finishedStage } from './loop.ts';
import { checkSetting, readSavedSettings, type TrainingSettings } from './settings.ts';
import { languageStage } from './step-schedule.ts';
import {
  describeEncoder,
  type LanguageTraining,
  languageDemand,
  prepareTraining,
  requireEncoder,
  type TrainingContext,
} from './train-capture.ts';
import type { TrainRunResult } from './train-run.ts';

export interface AddedLanguages extends TrainingContext {
  folder: string;
  /** Where the capture is now, absolute; absent: where it was. */
  captureFolder?: string;
  /** The priors and whatever differs from the run's settings. */
  given: Partial<TrainingSettings>;
  language: LanguageTraining;
}

/** Trains one new language field per prior; an interrupted call goes on when it is made again. */
export async function addLanguages(request: AddedLanguages): Promise<TrainRunResult> {
  const { folder, language, platform } = request;
  await locatePhotos(await openRunHead(folder, platform.files), request.captureFolder, platform.files);
  const run = await openRun(folder, platform.files);
  const priors = checkSetting('prior', request.given.prior ?? [defaultPrior]);
  refuseKnownNames(run, priors);
  requireEncoder(run, language);
  await requireFinished(run, request);
  const saved = readSavedSettings(run.config.training, joinPath(folder, runFiles.config));
  const settings: TrainingSettings = { ...saved, ...request.given, prior: priors };
  const { radiance, cameras } = run.config.scene;
  const demands = priors.map((name) => languageDemand(name, language.encoder));
  const scene: SceneConfig = {
    radiance,
    cameras,
    languages: presetConfig(settings.preset, cameras, demands).languages,
  };
  const parameters: TensorMap = initialParameters(scene, settings.seed);
  for (const name of parameters.keys()) parameters.set(name, run.parameters.get(name) ?? parameters.get(name)!);

  const prepared = await prepareTraining(request, { photos: run.photos, scene, settings, language, parameters });
  const label = priors.join('-');
  const checkpointName = `checkpoint-${label}.safetensors`;
  try {
    const result = await prepared.train(folder, [languageStage(settings.languageSteps)], {
      checkpointName,
      logName: `training-log-${label}.jsonl`,
      ownsScene: false,
    });
    if (result.outcome === 'finished') {
      await joinScene(run, request, scene, await prepared.readParameters(), settings);
      await platform.files.remove(joinPath(folder, checkpointName));
    }
    return result;
  } finally {
    await prepared.close();
  }
}

function refuseKnownNames({ config, folder }: Run, priors: readonly Prior[]): void {
  const known = config.scene.languages.map(({ name }) => name);
  const repeated = priors.filter((name) => known.includes(name));
  if (repeated.length > 0)
    throw new LangfieldError({
      problem: 'the run already has this language field',
      file: folder,
      field: '--prior',
      found: repeated.join(', '),
      expected: `other than ${known.join(', ')}`,
      advice: 'Choose another prior, or start a new run with --out',
    });
}

async function requireFinished({ folder }: Run, { platform }: AddedLanguages): Promise<void> {
  const position = await trainingPosition(folder, platform.files);
  if (position === undefined || position.stage === finishedStage) return;
  const { stage, step } = position;
  throw new LangfieldError({
    problem: 'this run is not finished',
    file: folder,
    found: `step ${step} of the ${stage} stage`,
    advice: 'Finish it with --resume, then add language fields',
  });
}

/** The run's description first, then the scene with all fields: killed in between, the run is as it was. */
async function joinScene(
  run: Run,
  { folder, platform, language }: AddedLanguages,
  added: SceneConfig,
  trained: TensorMap,
  settings: TrainingSettings,
): Promise<void> {
  const { files } = platform;
  const { config, parameters } = await readScene(joinPath(folder, runFiles.scene), files);
  const scene = { ...config, languages: [...config.languages, ...added.languages] };
  const merged: TensorMap = new Map(parameters);
  for (const { name } of added.languages.flatMap(describeLanguage)) merged.set(name, trained.get(name)!);
  const previous = Array.isArray(run.config.training.added) ? run.config.training.added : [];
  const { prior, languageSteps, dinoSpread, seed } = settings;
  const training = {
    ...run.config.training,
    added: [...previous, { prior, languageSteps, dinoSpread, seed, ...language.settings }],
  };
  const canonical = await language.encoder.encodeTexts(language.encoder.canonicalPhrases);
  await updateRun(folder, files, { ...run.config, encoder: describeEncoder(language), scene, training }, canonical);
  await saveScene(folder, files, scene, merged);
}
