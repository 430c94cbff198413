/**
 * A run as files of a web site: what the server serves and the static export writes. Files that name places on this
 * machine are rewritten without them, photos become small JPEGs, and of the encoder only the text side goes along.
 */
import { loadPhoto } from '../capture/load-photo.ts';
import type { PhraseEncoder } from '../encoders/encoder.ts';
import { encoderKind, readEncoderFolder, textFiles } from '../encoders/encoder-folder.ts';
import { LangfieldError } from '../errors.ts';
import type { RunPhoto } from '../field/run.ts';
import { openRunHead, type RunHead, runFiles } from '../field/run-folder.ts';
import { baseName, joinPath, type Platform } from '../platform/platform.ts';
import { fitSize } from '../query/views.ts';
import { manifestVersion, type ViewerManifest } from './manifest.ts';
import { findRegions } from './run-regions.ts';
import { sitePaths } from './site-paths.ts';

export type SiteContent =
  | { kind: 'bytes'; bytes: Uint8Array }
  /** A file on this machine; `root` is the folder that it must not lead out of, absent for the encoder's files. */
  | { kind: 'file'; path: string; root?: string; size: number }
  | { kind: 'photo'; photo: RunPhoto; longSide: number };

export interface Site {
  manifest: ViewerManifest;
  /** By path below the manifest's folder, the manifest itself included. */
  files: Map<string, SiteContent>;
}

/** Longest sides of the photos, pixels. */
const photoSides = { whole: 1600, small: 192 };
const jpegQuality = { whole: 88, small: 80 };

export type TextSource = Pick<PhraseEncoder, 'name' | 'identity' | 'vocabulary'> & {
  folder: string;
  /** The encoder.json of the site, whatever describes the folder. */
  description: object;
  /** Names of the other files. */
  files: string[];
};

type Machine = Pick<Platform, 'files' | 'images'>;

/** The text side of the encoder that the run was trained with. @throws LangfieldError when `folder` holds another one */
export async function findTextSource(
  { config, folder: run }: Pick<RunHead, 'config' | 'folder'>,
  folder: string,
  { files }: Pick<Machine, 'files'>,
): Promise<TextSource> {
  const encoder = await readEncoderFolder(folder, files);
  const { description, identity } = encoder;
  const trained = config.encoder;
  if (trained?.identity !== identity)
    throw new LangfieldError({
      file: run,
      field: 'encoder',
      problem: 'this is not the encoder that the run was trained with',
      found: `${description.name} (${identity.slice(0, 12)})`,
      expected: trained ? `${trained.name} (${trained.identity.slice(0, 12)})` : 'none: the run has no language field',
      advice: 'Give the folder of the original, unchanged encoder with --encoder',
    });
  const { name, vocabulary } = description;
  return { name, identity, vocabulary, folder, description, files: await textFiles(encoder, files) };
}

/** A training that has not saved anything yet. */
export function waitingSite(folder: string): Site {
  const manifest: ViewerManifest = {
    formatVersion: manifestVersion,
    name: runName(folder),
    training: true,
    waiting: true,
    files: [],
    photos: [],
  };
  return { manifest, files: new Map([[sitePaths.manifest, { kind: 'bytes', bytes: json(manifest) }]]) };
}

const runName = (folder: string): string => baseName(folder.replace(/\/+$/, ''));

/**
 * @param text the encoder's text side, or why there is none
 * @param live the run may be trained further while it is looked at; 'training': by the process that serves it
 */
export async function describeSite(
  folder: string,
  text: TextSource | { cannotAsk: string },
  { files }: Pick<Machine, 'files'>,
  live: boolean | 'training' = false,
): Promise<Site> {
  const head = await openRunHead(folder, files);
  const content = new Map<string, SiteContent>();
  content.set(runFiles.config, { kind: 'bytes', bytes: json(publicConfig(head)) });
  content.set(runFiles.cameras, { kind: 'bytes', bytes: json(publicCameras(head)) });
  for (const name of head.config.encoder ? [runFiles.scene, runFiles.canonical] : [runFiles.scene])
    content.set(name, await fileContent(folder, name, files));
  if ('folder' in text) {
    const description: SiteContent = { kind: 'bytes', bytes: json(text.description) };
    content.set(joinPath(sitePaths.encoder, encoderKind.description), description);
    for (const name of text.files)
      content.set(joinPath(sitePaths.encoder, name), {
        ...(await fileContent(text.folder, name, files)),
        root: undefined,
      });
  }
  const listed = [...content].map(([path, each]) => ({ path, size: sizeOf(each) }));
  const photos = await Promise.all(
    head.photos.map(async ({ path }) => (await files.stat(path).catch(() => undefined)) !== undefined),
  );
  head.photos.forEach((photo, index) => {
    if (!photos[index]) return;
    content.set(sitePaths.photo(index), { kind: 'photo', photo, longSide: photoSides.whole });
    content.set(sitePaths.smallPhoto(index), { kind: 'photo', photo, longSide: photoSides.small });
  });
  const regions = await findRegions(head, files);
  for (const [field, { photos: held }] of Object.entries(regions))
    for (const photo of held) {
      const path = sitePaths.regions(field, photo);
      content.set(path, await fileContent(folder, path, files));
    }
  const manifest: ViewerManifest = {
    formatVersion: manifestVersion,
    name: runName(folder),
    ...(live === 'training' && { training: true }),
    ...(live && { revision: await revisionOf(joinPath(folder, runFiles.scene), files) }),
    files: listed,
    photos,
    ...(Object.keys(regions).length > 0 && { regions }),
    ...('folder' in text ? { encoder: publicEncoder(text) } : text),
  };
  content.set(sitePaths.manifest, { kind: 'bytes', bytes: json(manifest) });
  return { manifest, files: content };
}

/** A photo as training saw it, no larger than `longSide`. */
export async function photoJpeg(photo: RunPhoto, longSide: number, { files, images }: Machine): Promise<Uint8Array> {
  const { pixels } = await loadPhoto(photo, files, images);
  const { width, height } = fitSize(pixels, longSide);
  const image = { width: pixels.width, height: pixels.height, channels: 3, data: pixels.rgb } as const;
  const quality = longSide > photoSides.small ? jpegQuality.whole : jpegQuality.small;
  return images.encodeJpeg(await images.resize(image, width, height), quality);
}

async function revisionOf(path: string, files: Platform['files']): Promise<string> {
  const found = await files.stat(path);
  return `${found?.size}-${found?.modifiedMs}`;
}

function publicEncoder({ name, identity, vocabulary }: TextSource): ViewerManifest['encoder'] {
  return { name, identity, ...(vocabulary && { vocabulary: [...vocabulary] }) };
}

function sizeOf(content: SiteContent): number {
  if (content.kind === 'bytes') return content.bytes.length;
  return content.kind === 'file' ? content.size : 0;
}

async function fileContent(
  root: string,
  name: string,
  files: Platform['files'],
): Promise<Extract<SiteContent, { kind: 'file' }>> {
  const path = joinPath(root, name);
  const found = await files.stat(path);
  if (found === undefined || found.isDirectory)
    throw new LangfieldError({
      problem: name === runFiles.scene ? 'this run has not been trained yet' : 'this file of the run is missing',
      file: path,
      advice: 'Finish the training with "langfield train --resume", or copy the whole folder again',
    });
  return { kind: 'file', path, root, size: found.size };
}

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Without the places of capture and encoder on this machine, and without settings that may hold more of them. */
function publicConfig({ config }: RunHead): unknown {
  const { capture, encoder } = config;
  return {
    ...config,
    capture: { ...capture, root: baseName(capture.root) },
    ...(encoder && { encoder: { ...encoder, folder: sitePaths.encoder } }),
    training: {},
  };
}

function publicCameras({ photos }: RunHead): unknown {
  const plain = photos.map(({ name, split, camera }, index) => ({
    name,
    split,
    path: sitePaths.photo(index),
    camera: { ...camera, cameraToWorld: [...camera.cameraToWorld] },
  }));
  return { formatVersion: 1, photos: plain };
}
