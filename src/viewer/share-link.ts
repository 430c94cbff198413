/**
 * The whole state of a view as the fragment of an address. A fragment never leaves the browser, so nothing that was
 * asked is sent anywhere. Reading is forgiving: what is missing or makes no sense keeps its default.
 */
import {
  comparisons,
  featureKinds,
  type Looks,
  layers,
  longestPhrase,
  longSides,
  mostPhrases,
  type PhraseLook,
  phraseColours,
  plainLooks,
  relevancyDisplays,
} from './looks.ts';
import { fovRange, properPose, type ViewPoint } from './view-point.ts';

export interface SharedState {
  looks: Looks;
  /** Absent: the scene's home. */
  point?: ViewPoint;
  /** Index of the photo whose camera is looked through, exactly. */
  photo?: number;
}

/** Digits after the point of positions and rotations: a thousandth of a pixel in a unit scene. */
const poseDigits = 6;

export function writeFragment({ looks, point, photo }: SharedState): string {
  const out = new URLSearchParams();
  if (point) {
    out.set('pose', Array.from(point.pose, (value) => short(value, poseDigits)).join(','));
    out.set('pivot', short(point.pivot, 4));
    out.set('fov', short(point.fov, 2));
  }
  if (photo !== undefined) out.set('photo', String(photo));
  for (const phrase of looks.phrases) out.append('q', writePhrase(phrase));
  for (const negative of looks.negatives ?? []) out.append('canonical', negative);
  const put = (name: string, value: string | number | undefined, plain: string | number | undefined) => {
    if (value !== undefined && value !== plain) out.set(name, String(value));
  };
  put('selected', looks.selected, plainLooks.selected);
  put('layer', looks.layer, plainLooks.layer);
  put('display', looks.display, plainLooks.display);
  put('threshold', short(looks.threshold, 3), short(plainLooks.threshold, 3));
  put('features', looks.features, plainLooks.features);
  put('feature-scale', short(looks.featureScale, 3), short(plainLooks.featureScale, 3));
  put('level', looks.level, plainLooks.level);
  put('field', looks.field, undefined);
  put('compare', looks.comparison, plainLooks.comparison);
  put('other', looks.otherField, undefined);
  put('side', looks.longSide, plainLooks.longSide);
  put('divider', short(looks.divider, 3), short(plainLooks.divider, 3));
  return out.toString();
}

/** The view point that an address of this one brings back: itself but for the digits that an address has no room for. */
export function sharedPoint(point: ViewPoint): ViewPoint {
  const read = (from: ViewPoint) => readFragment(writeFragment({ looks: plainLooks, point: from })).point ?? from;
  // A pose that has to be mended is no longer one of few digits; once more, and it is.
  return read(read(point));
}

/** @param fragment with or without its "#" */
export function readFragment(fragment: string): SharedState {
  const from = new URLSearchParams(fragment.replace(/^#/, ''));
  const phrases = from
    .getAll('q')
    .flatMap((text) => readPhrase(text) ?? [])
    .slice(0, mostPhrases);
  const negatives = from
    .getAll('canonical')
    .map((text) => text.trim().slice(0, longestPhrase))
    .filter(Boolean);
  const photo = wholeNumber(from.get('photo'));
  return {
    looks: {
      phrases,
      selected: Math.min(wholeNumber(from.get('selected')) ?? 0, Math.max(0, phrases.length - 1)),
      layer: oneOf(layers, from.get('layer')) ?? plainLooks.layer,
      display: oneOf(relevancyDisplays, from.get('display')) ?? plainLooks.display,
      threshold: within(from.get('threshold'), 0, 1) ?? plainLooks.threshold,
      features: oneOf(featureKinds, from.get('features')) ?? plainLooks.features,
      featureScale: within(from.get('feature-scale'), 0, 1.5) ?? plainLooks.featureScale,
      level: Math.round(within(from.get('level'), 0, 6) ?? plainLooks.level),
      comparison: oneOf(comparisons, from.get('compare')) ?? plainLooks.comparison,
      longSide: longSides.find((side) => side === wholeNumber(from.get('side'))) ?? plainLooks.longSide,
      divider: within(from.get('divider'), 0, 1) ?? plainLooks.divider,
      ...(negatives.length > 0 && { negatives: negatives.slice(0, mostPhrases) }),
      ...(from.get('field') !== null && { field: from.get('field')! }),
      ...(from.get('other') !== null && { otherField: from.get('other')! }),
    },
    ...readPoint(from),
    ...(photo !== undefined && { photo }),
  };
}

function readPoint(from: URLSearchParams): Pick<SharedState, 'point'> {
  const pose = properPose((from.get('pose') ?? '').split(',').map((part) => (part === '' ? Number.NaN : Number(part))));
  const pivot = within(from.get('pivot'), 0.001, 1000);
  const fov = within(from.get('fov'), fovRange.least, fovRange.most);
  return (pose && { point: { pose, pivot: pivot ?? 1, fov: fov ?? 50 } }) || {};
}

/** text~colour~visible~opacity~scale, with "~" in the text doubled. */
function writePhrase({ text, colour, visible, opacity, scale }: PhraseLook): string {
  const parts = [text.replaceAll('~', '~~'), colour, visible ? 1 : 0, short(opacity, 2)];
  return (scale === undefined ? parts : [...parts, short(scale, 4)]).join('~');
}

function readPhrase(written: string): PhraseLook | undefined {
  const match = /^((?:[^~]|~~)*)(?:~(\d+)~([01])~([\d.]+)(?:~([\d.]+))?)?$/.exec(written);
  const text = match?.[1].replaceAll('~~', '~').trim().slice(0, longestPhrase);
  if (!match || !text) return undefined;
  const scale = within(match[5], 0, 10);
  return {
    text,
    colour: (wholeNumber(match[2]) ?? 0) % phraseColours.length,
    visible: match[3] !== '0',
    opacity: within(match[4], 0, 1) ?? 1,
    ...(scale !== undefined && { scale }),
  };
}

const short = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

function within(text: string | null | undefined, least: number, most: number): number | undefined {
  if (text === null || text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}

function wholeNumber(text: string | null | undefined): number | undefined {
  return text !== null && text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function oneOf<T extends string>(values: readonly T[], text: string | null): T | undefined {
  return values.find((value) => value === text);
}
