/** What query, render and eval share: opening a trained run with an engine, and its encoder for phrases. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ImageTextEncoder } from '../encoders/encoder.ts';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';
import { openEncoder } from '../encoders/onnx-encoder.ts';
import { createEngine } from '../engines/create-engine.ts';
import type { Engine } from '../engines/engine.ts';
import { type Precision, precisions } from '../engines/webgpu/fast-paths.ts';
import type { Run } from '../field/run.ts';
import { openRun, trainingPosition } from '../field/run-folder.ts';
import { describeUnknownWords, unknownWordsOf } from '../query/known-words.ts';
import { encodePhrases, runEncoder, type TextVectors, unknownPhrases } from '../query/text-vectors.ts';
import { finishedStage } from '../training/loop.ts';
import type { CliContext } from './context.ts';
import { addDeviceOptions, chooseEngine, type DeviceFlags } from './device-options.ts';
import { encoderFolderOf } from './encoder-folder.ts';

export interface EngineFlags extends DeviceFlags {
  precision?: Precision;
  threads?: number;
}

export function addEngineOptions(command: Command): Command {
  return addDeviceOptions(command)
    .addOption(
      new Option(
        '--precision <type>',
        'of hash-grid tables on the GPU: f16 takes half the memory; auto takes it where the GPU has it and computes right',
      )
        .choices(precisions)
        .default('auto'),
    )
    .option('--threads <count>', 'worker threads of the CPU (one per core unless given)', positiveInteger);
}

export interface OpenScene {
  run: Run;
  engine: Engine;
}

/** Opens a run and hands it to `work` with its engine, which is closed afterwards whatever happens. */
export async function withScene<T>(
  folder: string,
  flags: EngineFlags,
  { platform, progress }: CliContext,
  work: (scene: OpenScene) => Promise<T>,
): Promise<T> {
  const run = await openRun(folder, platform.files);
  // The checkpoint is not needed here, so a damaged one is no reason to stop.
  const position = await trainingPosition(folder, platform.files).catch(() => undefined);
  if (position !== undefined && position.stage !== finishedStage)
    progress.warn(
      `this run is not finished (step ${position.step} of the ${position.stage} stage). ` +
        `Go on with: langfield train --resume --out ${folder}`,
    );
  const name = await chooseEngine(flags, { platform, progress });
  const engine = await createEngine(name, run.config.scene, run.parameters, platform, {
    threads: flags.threads ?? platform.cores,
    raysPerStep: 1,
    maxMemory: flags.maxMemory,
    precision: flags.precision,
    purpose: 'render',
  });
  if (engine.summary !== undefined) progress.log(engine.summary);
  try {
    return await work({ run, engine });
  } finally {
    await engine.close();
  }
}

/** Vectors of phrases by the run's own encoder, or by the same one in another folder. */
export async function phraseVectors(
  run: Run,
  phrases: readonly string[],
  encoderFolder: string | undefined,
  { platform, progress }: CliContext,
): Promise<TextVectors> {
  const folder = encoderFolder === undefined ? runEncoder(run).folder : encoderFolderOf(encoderFolder, platform);
  progress.log(`encoder ${runEncoder(run).name} (${folder})`);
  const encoder: ImageTextEncoder = await openEncoder(folder, platform.files, await loadNodeRuntime());
  try {
    const texts = await encodePhrases(run, encoder, phrases);
    for (const each of unknownWordsOf(encoder, phrases)) progress.warn(describeUnknownWords(each));
    const unknown = unknownPhrases(texts, runEncoder(run).canonicalPhrases);
    if (unknown.length > 0)
      progress.warn(
        `to the encoder ${unknown.map((phrase) => `"${phrase}"`).join(', ')} means nothing in particular: it cannot be found`,
      );
    return texts;
  } finally {
    await encoder.close();
  }
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

export function degrees(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 180)) throw new InvalidArgumentError('It must be an angle between 0 and 180 degrees.');
  return value;
}
