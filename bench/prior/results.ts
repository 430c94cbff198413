/** What `bench prior` keeps: one FieldResult per scene, seed, source of regions and language field. */
import type { Prior } from '../../src/pyramid/prior.ts';
import type { TileChoice } from '../../src/pyramid/tile-choice.ts';
import type { RegionSource } from './options.ts';

/** One scene with one seed; the seed is that of the training, too. */
export interface Unit {
  scene: string;
  seed: number;
}

/** One phrase in one novel view. */
export interface PairResult {
  phrase: string;
  kind: 'thing' | 'part' | 'stuff';
  view: string;
  /** Share of the picture that shows it; also the D_relevancy of a map of zeros. */
  area: number;
  /** Of the query, chosen by the highest pixel. */
  scale: number;
  dRelevancy: number;
  /** null where it is undefined. */
  ratioAcc: number | null;
  recall: number;
  /** The highest pixel lies in a box of the phrase (LERF's protocol). */
  localisation: number;
  /** The highest pixel lies in the mask. */
  peakInside: number;
  maxRelevancy: number;
  /** Mean relevancy in the mask. */
  inside: number;
  /** Mean relevancy on the rest of the thing that a part belongs to; null for things and where nothing else of it shows. */
  ownerRest: number | null;
  /** Mean relevancy on everything else. */
  elsewhere: number;
}

export interface FieldResult extends Unit {
  prior: Prior;
  /** null for the prior none, which uses no regions. */
  regions: RegionSource | null;
  /** Which tiles were encoded; absent: all. */
  tiles?: TileChoice;
  pairs: PairResult[];
  seconds: {
    /** Of this field's share of the training. */
    training: number | null;
    evaluation: number;
  };
}

/** Held-out photos of one radiance field. */
export interface PhotoResult extends Unit {
  psnr: number;
  ssim: number;
  seconds: { capture: number | null; radiance: number | null };
}

/** A language field in the tables. */
export interface Column {
  prior: Prior;
  regions: RegionSource | null;
}

export const tilesOf = ({ tiles = 'full' }: Pick<FieldResult, 'tiles'>): TileChoice => tiles;

export const columnName = ({ prior, regions }: Column): string => (regions === null ? prior : `${regions} ${prior}`);
export const pairName = (unit: Unit, { phrase, view }: Pick<PairResult, 'phrase' | 'view'>): string =>
  `${unit.scene} ${unit.seed} ${phrase} ${view}`;
