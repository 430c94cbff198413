/**
 * Reads and writes a run folder: `config.json`, `cameras.json`, `canonical.npy` (embeddings of the canonical
 * phrases), `scene.safetensors`, `checkpoint.safetensors`, `training-log.jsonl`, `regions/`. Every file is replaced atomically.
 * The scene file describes itself, so it decides which fields a run has; config.json only says so before the first
 * save. What the files mean is in run.ts and checkpoint.ts.
 */
import { z } from 'zod';
import { LangfieldError } from '../errors.ts';
import { decodeNpy, encodeNpy } from '../formats/npy.ts';
import { baseName, type FileSystem, joinPath } from '../platform/platform.ts';
import {
  type Checkpoint,
  readCheckpoint,
  readPosition,
  readScene,
  type TrainingPosition,
  writeCheckpoint,
  writeScene,
} from './checkpoint.ts';
import type { SceneConfig } from './config.ts';
import type { TensorMap } from './parameters.ts';
import type { Run, RunConfig, RunPhoto } from './run.ts';

/** Version of config.json and cameras.json. */
export const runFormatVersion = 1;

export const runFiles = {
  config: 'config.json',
  cameras: 'cameras.json',
  canonical: 'canonical.npy',
  scene: 'scene.safetensors',
  checkpoint: 'checkpoint.safetensors',
  log: 'training-log.jsonl',
  /** Folder of the region maps that each language field was trained with. */
  regions: 'regions',
} as const;

/** What a new run is made from. */
export interface RunDescription {
  config: Omit<RunConfig, 'formatVersion'>;
  photos: RunPhoto[];
  /** [canonical, dim] unit vectors; with an encoder only. */
  canonicalEmbeddings?: Float32Array;
}

/** A run as it stands before or during training: everything but the parameters. */
export type RunHead = Omit<Run, 'parameters'>;

const finite = z.number();
const positive = z.number().positive();
const cameraSchema = z.object({
  model: z.enum(['perspective', 'fisheye']),
  width: positive,
  height: positive,
  fx: finite,
  fy: finite,
  cx: finite,
  cy: finite,
  distortion: z.tuple([finite, finite, finite, finite, finite, finite]),
  cameraToWorld: z.array(finite).length(12),
});
const camerasSchema = z.object({
  formatVersion: z.literal(runFormatVersion),
  photos: z.array(
    z.object({
      name: z.string(),
      path: z.string(),
      split: z.enum(['train', 'test']),
      camera: cameraSchema,
      exif: z.enum(['apply', 'ignore']).optional(),
      maskPath: z.string().optional(),
    }),
  ),
});
const configSchema = z.object({
  formatVersion: z.literal(runFormatVersion),
  scene: z.looseObject({
    radiance: z.looseObject({}),
    languages: z.array(z.looseObject({ name: z.string() })),
    cameras: z.number().int().nonnegative(),
  }),
  capture: z.object({ root: z.string(), format: z.string() }),
  worldToScene: z.object({ transform: z.array(finite).length(12), scale: finite }),
  encoder: z
    .object({
      name: z.string(),
      folder: z.string(),
      identity: z.string(),
      dim: z.number().int().positive(),
      canonicalPhrases: z.array(z.string()),
    })
    .optional(),
  training: z.record(z.string(), z.unknown()),
});

/** A file that every run has. */
async function requirePart(path: string, files: FileSystem): Promise<void> {
  if ((await files.stat(path)) !== undefined) return;
  throw new LangfieldError({
    problem: 'this file of the run is missing',
    file: path,
    advice: 'Copy the whole run folder again, or train again',
  });
}

/** Whether a folder holds a run. */
export async function isRun(folder: string, files: FileSystem): Promise<boolean> {
  return (await files.stat(joinPath(folder, runFiles.config))) !== undefined;
}

export async function refuseExistingRun(folder: string, files: FileSystem): Promise<void> {
  if ((await files.stat(folder))?.isDirectory === false)
    throw new LangfieldError({
      problem: 'this is a file, and a run is a folder',
      file: folder,
      advice: 'Choose another place with --out',
    });
  if (await isRun(folder, files))
    throw new LangfieldError({
      problem: 'this folder already holds a run',
      file: folder,
      advice: 'Continue it with --resume, or choose another folder with --out',
    });
}

/** Makes a run folder; refuses one that already holds a run. */
export async function createRun(folder: string, files: FileSystem, description: RunDescription): Promise<RunHead> {
  await refuseExistingRun(folder, files);
  await files.makeFolder(folder);
  const { photos, canonicalEmbeddings } = description;
  await writeCameras(folder, files, photos);
  const config: RunConfig = { formatVersion: runFormatVersion, ...description.config };
  // config.json comes last: its presence says that the rest is there.
  await updateRun(folder, files, config, canonicalEmbeddings);
  return { folder, config, photos, canonicalEmbeddings };
}

/** Replaces config.json and, when given, the canonical embeddings. */
export async function updateRun(
  folder: string,
  files: FileSystem,
  config: RunConfig,
  canonicalEmbeddings?: Float32Array,
): Promise<void> {
  if (canonicalEmbeddings !== undefined && config.encoder !== undefined) {
    const shape = [canonicalEmbeddings.length / config.encoder.dim, config.encoder.dim];
    await files.writeAtomic(joinPath(folder, runFiles.canonical), encodeNpy(canonicalEmbeddings, shape));
  }
  await files.writeAtomic(joinPath(folder, runFiles.config), `${JSON.stringify(config, null, 2)}\n`);
}

/** Opens a run that may not be trained yet. */
export async function openRunHead(folder: string, files: FileSystem): Promise<RunHead> {
  if (!(await isRun(folder, files)))
    throw new LangfieldError({
      problem: 'this is not a run folder',
      file: folder,
      expected: `a folder with ${runFiles.config}`,
      advice: 'Give the folder that "langfield train" wrote, such as runs/<name>',
    });
  const config = (await readJson(joinPath(folder, runFiles.config), files, configSchema)) as unknown as RunConfig;
  const cameras = await readJson(joinPath(folder, runFiles.cameras), files, camerasSchema);
  const photos = cameras.photos.map(({ camera, ...photo }) => ({
    ...photo,
    camera: { ...camera, cameraToWorld: Float64Array.from(camera.cameraToWorld) },
  }));
  const canonicalEmbeddings = config.encoder ? await readCanonical(folder, files, config) : undefined;
  return { folder, config, photos, canonicalEmbeddings };
}

/** Opens a trained run with its parameters. `config.scene` is what the scene file says. */
export async function openRun(folder: string, files: FileSystem): Promise<Run> {
  const head = await openRunHead(folder, files);
  const path = joinPath(folder, runFiles.scene);
  if ((await files.stat(path)) === undefined)
    throw new LangfieldError({
      problem: 'this run has not been trained yet',
      file: folder,
      advice: `Run "langfield train ${head.config.capture.root} --out ${folder} --resume"`,
    });
  const scene = await readScene(path, files);
  return { ...head, config: { ...head.config, scene: scene.config }, parameters: scene.parameters };
}

/** Where the training of a run stands; undefined before the first checkpoint. */
export async function trainingPosition(folder: string, files: FileSystem): Promise<TrainingPosition | undefined> {
  return readPosition(joinPath(folder, runFiles.checkpoint), files);
}

/** Writes `scene.safetensors`. */
export async function saveScene(
  folder: string,
  files: FileSystem,
  config: SceneConfig,
  parameters: TensorMap,
): Promise<void> {
  await writeScene(joinPath(folder, runFiles.scene), files, { config, parameters });
}

/** Writes `checkpoint.safetensors` (or another name in the folder). */
export async function saveCheckpoint(
  folder: string,
  files: FileSystem,
  checkpoint: Checkpoint,
  name: string = runFiles.checkpoint,
): Promise<void> {
  await writeCheckpoint(joinPath(folder, name), files, checkpoint);
}

/**
 * Reads the checkpoint of a run; undefined when there is none. Refuses one of another scene description. What a
 * killed process left half-written beside it is removed.
 */
export async function loadCheckpoint(
  folder: string,
  files: FileSystem,
  expected: SceneConfig,
  name: string = runFiles.checkpoint,
): Promise<Checkpoint | undefined> {
  for (const entry of await files.list(folder))
    if (entry.startsWith('.') && entry.endsWith('.tmp') && entry.includes('.safetensors.'))
      await files.remove(joinPath(folder, entry));
  return readCheckpoint(joinPath(folder, name), files, expected);
}

/** Replaces cameras.json. */
export async function writeCameras(folder: string, files: FileSystem, photos: RunPhoto[]): Promise<void> {
  const plain = photos.map(({ camera, ...photo }) => ({
    ...photo,
    camera: { ...camera, cameraToWorld: [...camera.cameraToWorld] },
  }));
  const text = JSON.stringify({ formatVersion: runFormatVersion, photos: plain }, null, 1);
  await files.writeAtomic(joinPath(folder, runFiles.cameras), `${text}\n`);
}

async function readCanonical(folder: string, files: FileSystem, { encoder }: RunConfig): Promise<Float32Array> {
  const path = joinPath(folder, runFiles.canonical);
  await requirePart(path, files);
  const { data, shape } = decodeNpy(await files.readBytes(path), path);
  const expected = [encoder!.canonicalPhrases.length, encoder!.dim];
  if (!(data instanceof Float32Array) || shape.join() !== expected.join())
    throw new LangfieldError({
      problem: `the canonical embeddings do not fit ${runFiles.config}`,
      file: path,
      found: `[${shape.join(', ')}]`,
      expected: `float32 [${expected.join(', ')}]`,
      advice: 'Take the file from a backup or train again',
    });
  return data;
}

async function readJson<T>(path: string, files: FileSystem, schema: z.ZodType<T>): Promise<T> {
  await requirePart(path, files);
  const text = await files.readText(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LangfieldError({
      problem: `this is not JSON: ${(error as Error).message}`,
      file: path,
      advice: 'Take the file from a backup or train again',
    });
  }
  const version = (value as { formatVersion?: unknown } | null)?.formatVersion;
  if (version !== runFormatVersion)
    throw new LangfieldError({
      problem: `${baseName(path)} is of another version of langfield`,
      file: path,
      field: 'formatVersion',
      found: JSON.stringify(version) ?? 'nothing',
      expected: String(runFormatVersion),
      advice: 'Train the scene again with this version, or use the version of langfield that wrote it',
    });
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new LangfieldError({
    problem: issue.message,
    file: path,
    field: issue.path.join('.'),
    advice: 'Correct the file, or train again',
  });
}
