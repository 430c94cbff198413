/**
 * What a built-in scene is made of. A thing is a set of parts, each a triangle mesh with a finish; a scene is a list of
 * placed things, some of them stuff (table, wall, floor), with a light and a sky. Frames: a thing stands on z = 0 about
 * the z axis, its front towards -y, in centimetres; the scene has +z up, in centimetres too (captures are written in
 * metres). Reflectance is linear light.
 */
import type { BufferGeometry } from 'three';
import type { ColourWord } from './palette.ts';

export type Vec3 = readonly [number, number, number];

/** A named colour and its exact linear-light reflectance, each 0..1. */
export interface Paint {
  word: ColourWord;
  rgb: Vec3;
}

/** How `accent` is laid over `paint` (see finish.ts). */
export type Pattern =
  | 'plain'
  | 'stripes'
  | 'checks'
  | 'dots'
  | 'wood'
  | 'speckle'
  | 'marble'
  | 'weave'
  | 'crumb'
  | 'tiles'
  | 'gradient';

export const materialWords = [
  'ceramic',
  'metal',
  'wooden',
  'plastic',
  'paper',
  'fabric',
  'plush',
  'rubber',
  'leather',
  'stone',
] as const;
export type MaterialWord = (typeof materialWords)[number];

/** Look of a surface. */
export interface Finish {
  paint: Paint;
  accent?: Paint;
  pattern: Pattern;
  /** Period of the pattern, cm. */
  period: number;
  /** Contrast of the fine grain, 0 (even) … 1. */
  grain: number;
  /** 0 matt … 1 polished. */
  gloss: number;
  /** Absent for food and plants. */
  material?: MaterialWord;
}

export interface ThingPart {
  /** The word for this part ("handle"); absent for the body, which has no word of its own. */
  name?: string;
  /** Indexed or not, with normals; the thing's frame, cm. */
  geometry: BufferGeometry;
  finish: Finish;
}

export interface Thing {
  noun: string;
  /** Stuff is what things stand on or in front of: it has no outline of its own. */
  stuff: boolean;
  /** The words a person would call its colour, most important first. */
  colours: readonly ColourWord[];
  material?: MaterialWord;
  parts: readonly ThingPart[];
}

export interface PlacedThing {
  thing: Thing;
  /** Where its origin stands, cm. */
  at: Vec3;
  /** Turn about +z, radians, counter-clockwise seen from above. */
  yaw: number;
  /** Then turn about the world x axis, radians (to lean or lay down a thing). */
  pitch?: number;
  /** Uniform; 1 = as made. */
  size?: number;
}

/** A disc that shines straight down. */
export interface AreaLight {
  centre: Vec3;
  radius: number;
  colour: Vec3;
}

export interface SceneDescription {
  name: string;
  /** Instance ids are indices here plus one. */
  things: PlacedThing[];
  light: AreaLight;
  /** Radiance from above; also what a ray sees that hits nothing. */
  sky: Vec3;
}
