/** What a built-in scene says about itself beyond its labels: kinds of phrases, and the things that parts belong to. */
import { type Image, joinPath, type Platform } from '../../src/platform/platform.ts';
import type { PairResult } from './results.ts';

/** What is used of scene.json (src/scenes/write-scene.ts). */
interface SceneFile {
  instances: { parts: { id: number }[] }[];
  phrases: { phrase: string; kind: PairResult['kind']; parts: number[] }[];
}

export interface SceneTruth {
  kinds: Map<string, PairResult['kind']>;
  /** For a phrase that names a part: ids of the whole things that have it. */
  owners: Map<string, ReadonlySet<number>>;
  /** Ids of the parts that a view shows; the size of the photo. */
  partMap(view: string): Promise<Image>;
}

export async function readTruth(capture: string, { files, images }: Platform): Promise<SceneTruth> {
  const { instances, phrases } = JSON.parse(await files.readText(joinPath(capture, 'scene.json'))) as SceneFile;
  const ownersOf = (parts: readonly number[]) =>
    new Set(
      instances
        .map((instance) => instance.parts.map(({ id }) => id))
        .filter((ids) => ids.some((id) => parts.includes(id)))
        .flat(),
    );
  const partPhrases = phrases.filter(({ kind }) => kind === 'part');
  return {
    kinds: new Map(phrases.map(({ phrase, kind }) => [phrase, kind])),
    owners: new Map(partPhrases.map(({ phrase, parts }) => [phrase, ownersOf(parts)])),
    async partMap(view) {
      const path = joinPath(capture, 'parts', `${view}.png`);
      return images.decode(await files.readBytes(path), path);
    },
  };
}

/** 0/1 per pixel at width × height, by the nearest pixel of the map. */
export function maskOfParts(map: Image, ids: ReadonlySet<number>, width: number, height: number): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, pixel) => {
    const row = Math.floor(((Math.floor(pixel / width) + 0.5) * map.height) / height);
    const col = Math.floor((((pixel % width) + 0.5) * map.width) / width);
    return ids.has(map.data[(row * map.width + col) * map.channels]) ? 1 : 0;
  });
}

export interface RelevancyMeans {
  inside: number;
  /** null where there is no such pixel. */
  ownerRest: number | null;
  elsewhere: number;
}

/** Mean relevancy on the phrase, on what else there is of its owner, and on all the rest. */
export function relevancyMeans(relevancy: ArrayLike<number>, mask: Uint8Array, owner?: Uint8Array): RelevancyMeans {
  const sums = [0, 0, 0];
  const counts = [0, 0, 0];
  for (let pixel = 0; pixel < mask.length; pixel++) {
    const where = mask[pixel] ? 0 : owner?.[pixel] ? 1 : 2;
    sums[where] += relevancy[pixel];
    counts[where]++;
  }
  const mean = (where: number) => (counts[where] > 0 ? sums[where] / counts[where] : null);
  return { inside: mean(0) ?? 0, ownerRest: mean(1), elsewhere: mean(2) ?? 0 };
}
