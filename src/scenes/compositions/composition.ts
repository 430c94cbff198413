/** How a built-in scene is declared, and the tools to set a table with. */
import { Box3 } from 'three';
import type { Draw } from '../draw.ts';
import type { ColourWord } from '../palette.ts';
import type { PlacedThing, SceneDescription, Vec3 } from '../scene.ts';
import { placement } from '../scene-mesh.ts';
import { thingKind } from '../things/index.ts';
import { makeThing } from '../things/thing-kind.ts';

/** Where photos are taken from: about `target`, degrees, cm. Azimuth 0 looks along +y. */
export interface Orbit {
  target: Vec3;
  radius: readonly [number, number];
  azimuth: readonly [number, number];
  elevation: readonly [number, number];
  /** Vertical, degrees. */
  fov: number;
}

export interface Arranged extends SceneDescription {
  orbit: Orbit;
}

export interface Composition {
  name: string;
  /** One line for the help. */
  about: string;
  /** Six phrases that the demo asks; things and parts. */
  demoPhrases: readonly string[];
  arrange(draw: Draw): Omit<Arranged, 'name'>;
}

export interface Spot {
  at: readonly [number, number];
  /** Height of the surface it stands on, cm. */
  on?: number;
  /** Radians. */
  yaw?: number;
  pitch?: number;
  size?: number;
  colour?: ColourWord;
}

/** Collects things; each draws from a sequence of its own, so that adding one changes no other. */
export class Table {
  readonly things: PlacedThing[] = [];
  private readonly draw: Draw;

  constructor(draw: Draw) {
    this.draw = draw;
  }

  put(noun: string, { at, on = 0, yaw = 0, pitch, size, colour }: Spot): PlacedThing {
    const thing = makeThing(thingKind(noun), this.draw.fork(this.things.length), { colour });
    const placed: PlacedThing = { thing, at: [at[0], at[1], on], yaw, pitch, size };
    this.things.push(placed);
    return placed;
  }
}

/** The box about a placed thing, cm. */
export function boundsOf(placed: PlacedThing): Box3 {
  const box = new Box3();
  const matrix = placement(placed);
  for (const { geometry } of placed.thing.parts) {
    if (!geometry.boundingBox) geometry.computeBoundingBox();
    box.union(geometry.boundingBox!.clone().applyMatrix4(matrix));
  }
  return box;
}

/** Height of its highest point, cm: where a thing on top of it stands. */
export const topOf = (placed: PlacedThing): number => boundsOf(placed).max.z;
