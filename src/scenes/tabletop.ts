/**
 * The tabletop: a wooden table with things of clearly different colours in front of a papered wall, photographed
 * from an arc of cameras at changing heights. It is the capture that `langfield demo` makes for itself: exact
 * cameras, exact instance maps, no download. Frame: +z up, table top at z = 0, the wall behind at +y; one unit is
 * about half a metre.
 */
import type { Camera } from '../math/camera.ts';
import { lookAt, RayTracer, type RenderedView, type TracedScene } from './ray-tracer.ts';
import type { Vec3 } from './shapes.ts';
import { tabletopThings } from './tabletop-things.ts';

export interface TabletopOptions {
  /** Photographs, 8 … 200. */
  views: number;
  /** Pixels. */
  width: number;
  height: number;
  seed: number;
}

export const tabletopDefaults: TabletopOptions = { views: 26, width: 160, height: 120, seed: 1 };

export interface TabletopPhoto extends RenderedView {
  /** "000" … in order along the arc. */
  name: string;
  camera: Camera;
  split: 'train' | 'test';
}

export interface Tabletop {
  scene: TracedScene;
  /** The phrase that names each labelled instance; walls and floor have none. */
  phrases: Map<number, string>;
  cameras: Camera[];
}

/** Cameras on an arc in front of the table, swinging up and down as they go. */
function arcCameras({ views, width, height }: TabletopOptions): Camera[] {
  const focal = (0.5 * height) / Math.tan((46 / 360) * Math.PI);
  return Array.from({ length: views }, (_, index) => {
    const along = views > 1 ? index / (views - 1) : 0.5;
    const azimuth = ((along - 0.5) * 130 * Math.PI) / 180;
    const elevation = ((30 + 16 * Math.sin(index * 2.1)) * Math.PI) / 180;
    const radius = 3.35 + 0.35 * Math.cos(index * 1.3);
    const eye: Vec3 = [
      radius * Math.cos(elevation) * Math.sin(azimuth),
      -radius * Math.cos(elevation) * Math.cos(azimuth),
      0.15 + radius * Math.sin(elevation),
    ];
    return {
      model: 'perspective' as const,
      width,
      height,
      fx: focal,
      fy: focal,
      cx: width / 2,
      cy: height / 2,
      distortion: [0, 0, 0, 0, 0, 0] as const,
      cameraToWorld: lookAt(eye, [0, 0, 0.15]),
    };
  });
}

/** Every sixth photo, off the ends of the arc, is kept for scoring. */
export const isHeldOut = (index: number): boolean => index % 6 === 3;

export function describeTabletop(options: TabletopOptions): Tabletop {
  const described = tabletopThings(options.seed);
  return {
    scene: {
      instances: described.map(({ name, parts }, index) => ({ id: index + 1, name, parts })),
      light: { centre: [-1.6, -1.8, 4.2], radius: 0.9, colour: [0.95, 0.92, 0.86] },
      sky: [0.5, 0.52, 0.56],
    },
    phrases: new Map(described.flatMap(({ phrase }, index) => (phrase ? [[index + 1, phrase] as const] : []))),
    cameras: arcCameras(options),
  };
}

/** Photographs one after the other, so that a caller can write and report as they come. */
export function* photographTabletop(tabletop: Tabletop, seed: number): Generator<TabletopPhoto> {
  const tracer = new RayTracer(tabletop.scene);
  for (const [index, camera] of tabletop.cameras.entries())
    yield {
      ...tracer.render(camera, { grid: 3, seed: seed * 1000 + index }),
      name: String(index).padStart(3, '0'),
      camera,
      split: isHeldOut(index) ? 'test' : 'train',
    };
}

export function generateTabletop(options: Partial<TabletopOptions> = {}): {
  photos: TabletopPhoto[];
  tabletop: Tabletop;
} {
  const resolved = { ...tabletopDefaults, ...options };
  const tabletop = describeTabletop(resolved);
  return { photos: [...photographTabletop(tabletop, resolved.seed)], tabletop };
}
