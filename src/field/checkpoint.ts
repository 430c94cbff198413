/**
 * Parameters on disk, as safetensors with a versioned header. A scene file holds the parameters alone; a checkpoint
 * also holds both moments of the optimiser, its step counters and the position in training, so that a resumed run
 * continues to the same bytes. Both carry the scene description they belong to, and are refused under another.
 */
import { LangfieldError } from '../errors.ts';
import {
  decodeMetadata,
  decodeSafetensors,
  encodeSafetensors,
  headerLength,
  type Tensor,
  type TensorFile,
} from '../formats/safetensors.ts';
import type { FileSystem } from '../platform/platform.ts';
import type { SceneConfig } from './config.ts';
import { describeParameters, type TensorMap } from './parameters.ts';

/** Version of both file formats; raise it when their content changes meaning. */
export const sceneFormatVersion = 1;

type FileKind = 'langfield-scene' | 'langfield-checkpoint';

/** Where training stands: `step` steps of `stage` are finished. */
export interface TrainingPosition {
  stage: string;
  step: number;
  /** Seconds spent in this stage so far, over all its interruptions. */
  seconds: number;
}

export interface SceneFile {
  config: SceneConfig;
  parameters: TensorMap;
}

export interface Checkpoint extends SceneFile {
  /** First and second moments per parameter, and the steps taken per parameter group. */
  optimiser: { first: TensorMap; second: TensorMap; steps: Record<string, number> };
  position: TrainingPosition;
}

/** Writes parameters and their description in one atomic step. */
export async function writeScene(path: string, files: FileSystem, { config, parameters }: SceneFile): Promise<void> {
  const tensors = shapedTensors(config, [['', parameters]]);
  await files.writeAtomic(path, encodeSafetensors(tensors, header('langfield-scene', config)));
}

/** Reads a scene file; every parameter of its description is present with its exact shape. */
export async function readScene(path: string, files: FileSystem): Promise<SceneFile> {
  const file = decodeSafetensors(await files.readBytes(path), path);
  const config = readHeader(file, 'langfield-scene', path);
  return { config, parameters: takeParameters(file, config, '', path) };
}

/** Writes a checkpoint in one atomic step: a killed process or a full disk leaves the one before. */
export async function writeCheckpoint(path: string, files: FileSystem, checkpoint: Checkpoint): Promise<void> {
  const { config, parameters, optimiser, position } = checkpoint;
  const tensors = shapedTensors(config, [
    ['', parameters],
    ['first/', optimiser.first],
    ['second/', optimiser.second],
  ]);
  const metadata = {
    ...header('langfield-checkpoint', config),
    optimiserSteps: JSON.stringify(optimiser.steps),
    position: JSON.stringify(position),
  };
  await files.writeAtomic(path, encodeSafetensors(tensors, metadata));
}

/**
 * Reads a checkpoint; undefined when there is none. With `expected`, a checkpoint of another scene description is
 * refused and the first difference named.
 */
export async function readCheckpoint(
  path: string,
  files: FileSystem,
  expected?: SceneConfig,
): Promise<Checkpoint | undefined> {
  if ((await files.stat(path)) === undefined) return undefined;
  const file = decodeSafetensors(await files.readBytes(path), path);
  const config = readHeader(file, 'langfield-checkpoint', path);
  if (expected !== undefined) requireSameConfig(config, expected, path);
  return {
    config,
    parameters: takeParameters(file, config, '', path),
    optimiser: {
      first: takeParameters(file, config, 'first/', path),
      second: takeParameters(file, config, 'second/', path),
      steps: parseField(file, 'optimiserSteps', path) as Record<string, number>,
    },
    position: parseField(file, 'position', path) as TrainingPosition,
  };
}

/** Where training stood when a checkpoint was written, without reading its numbers; undefined when there is none. */
export async function readPosition(path: string, files: FileSystem): Promise<TrainingPosition | undefined> {
  const found = await files.stat(path);
  if (found === undefined) return undefined;
  const wanted = 8 + headerLength(await files.readRange(path, 0, 8));
  const metadata = decodeMetadata(await files.readRange(path, 0, Math.min(wanted, found.size)), path);
  readHeader({ metadata }, 'langfield-checkpoint', path);
  return parseField({ metadata }, 'position', path) as TrainingPosition;
}

function header(kind: FileKind, config: SceneConfig): Record<string, string> {
  return { format: kind, version: String(sceneFormatVersion), config: JSON.stringify(config) };
}

/** Tensors in checkpoint order; a missing or misshapen one is a defect of the caller. */
function shapedTensors(config: SceneConfig, maps: readonly (readonly [string, TensorMap])[]): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const [prefix, map] of maps)
    for (const { name, shape } of describeParameters(config)) {
      const data = map.get(name);
      if (data === undefined) throw new Error(`no ${prefix}${name} to write`);
      tensors.set(prefix + name, { shape, data });
    }
  return tensors;
}

function readHeader({ metadata }: Pick<TensorFile, 'metadata'>, kind: FileKind, path: string): SceneConfig {
  if (metadata.format !== kind)
    throw new LangfieldError({
      problem: 'this file was not written by langfield as what it should be',
      file: path,
      field: 'format',
      found: metadata.format ?? 'nothing',
      expected: kind,
      advice: 'Check that the run folder is complete and its files keep their names',
    });
  if (metadata.version !== String(sceneFormatVersion))
    throw new LangfieldError({
      problem: 'this file is of another version of langfield',
      file: path,
      field: 'version',
      found: metadata.version ?? 'nothing',
      expected: String(sceneFormatVersion),
      advice: 'Train the scene again with this version, or use the version of langfield that wrote it',
    });
  const config = parseField({ metadata }, 'config', path) as SceneConfig;
  try {
    describeParameters(config);
  } catch {
    throw damagedHeader(path, 'config');
  }
  return config;
}

function damagedHeader(path: string, field: string): LangfieldError {
  return new LangfieldError({
    problem: 'the header is damaged',
    file: path,
    field,
    advice: 'Take the file from a backup or train again',
  });
}

function parseField({ metadata }: Pick<TensorFile, 'metadata'>, field: string, path: string): unknown {
  try {
    const value: unknown = JSON.parse(metadata[field] ?? '');
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Reported below, with the same words as a wrong type.
  }
  throw damagedHeader(path, field);
}

function takeParameters({ tensors }: TensorFile, config: SceneConfig, prefix: string, path: string): TensorMap {
  const taken: TensorMap = new Map();
  for (const { name, shape } of describeParameters(config)) {
    const tensor = tensors.get(prefix + name);
    if (tensor === undefined || tensor.shape.join() !== shape.join())
      throw new LangfieldError({
        problem: 'a parameter does not fit the description in the same file',
        file: path,
        field: prefix + name,
        found: tensor === undefined ? 'nothing' : `[${tensor.shape.join(', ')}]`,
        expected: `[${shape.join(', ')}]`,
        advice: 'Take the file from a backup or train again',
      });
    taken.set(name, tensor.data);
  }
  return taken;
}

function requireSameConfig(found: SceneConfig, expected: SceneConfig, path: string): void {
  const difference = firstDifference(found, expected, '');
  if (difference === undefined) return;
  throw new LangfieldError({
    problem: 'this checkpoint belongs to another scene description',
    file: path,
    field: difference.field,
    found: difference.found,
    expected: difference.expected,
    advice: 'Resume with the settings the run was started with, or start a new run with --out',
  });
}

/** The first place where two JSON values differ. */
export function firstDifference(
  found: unknown,
  expected: unknown,
  field: string,
): { field: string; found: string; expected: string } | undefined {
  const isTree = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
  if (!isTree(found) || !isTree(expected)) {
    if (Object.is(found, expected)) return undefined;
    return { field, found: JSON.stringify(found) ?? 'nothing', expected: JSON.stringify(expected) ?? 'nothing' };
  }
  for (const key of new Set([...Object.keys(found), ...Object.keys(expected)])) {
    const difference = firstDifference(found[key], expected[key], field === '' ? key : `${field}.${key}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}
