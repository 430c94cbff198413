/**
 * The views of a scene: training photos spread over the orbit, and novel views between them at other heights and
 * distances, which are never trained on.
 */
import type { Camera } from '../math/camera.ts';
import { cameraAt } from './cameras.ts';
import type { Orbit } from './compositions/composition.ts';
import { type Draw, drawFrom } from './draw.ts';
import type { Vec3 } from './scene.ts';

export interface SceneView {
  /** "train-000", "novel-03". */
  name: string;
  split: 'train' | 'test';
  /** Pose in centimetres. */
  camera: Camera;
}

export interface ViewOptions {
  views: number;
  novelViews: number;
  width: number;
  height: number;
}

export function orbitViews(orbit: Orbit, { views, novelViews, width, height }: ViewOptions, seed: number): SceneView[] {
  const draw = drawFrom(seed, 7);
  const view = (index: number, count: number, split: SceneView['split']): SceneView => {
    const inset = split === 'test' ? 0.12 : 0;
    const along = inset + (1 - 2 * inset) * ((index + draw.between(0.2, 0.8)) / count);
    // The golden ratio spreads heights evenly over neighbouring views.
    const up = (0.31 + index * 0.618 + (split === 'test' ? 0.5 : 0)) % 1;
    const camera = cameraAt(
      eyeOf(orbit, along, inset + (1 - 2 * inset) * up, draw),
      aim(orbit, draw),
      width,
      height,
      orbit.fov,
    );
    const name =
      split === 'train' ? `train-${String(index).padStart(3, '0')}` : `novel-${String(index).padStart(2, '0')}`;
    return { name, split, camera };
  };
  return [
    ...Array.from({ length: views }, (_, index) => view(index, views, 'train')),
    ...Array.from({ length: novelViews }, (_, index) => view(index, novelViews, 'test')),
  ];
}

const mix = ([low, high]: readonly [number, number], t: number) => low + (high - low) * t;

function eyeOf({ target, radius, azimuth, elevation }: Orbit, along: number, up: number, draw: Draw): Vec3 {
  const [turn, height] = [(mix(azimuth, along) * Math.PI) / 180, (mix(elevation, up) * Math.PI) / 180];
  const distance = mix(radius, draw.next());
  return [
    target[0] + distance * Math.cos(height) * Math.sin(turn),
    target[1] - distance * Math.cos(height) * Math.cos(turn),
    target[2] + distance * Math.sin(height),
  ];
}

/** Nobody aims twice at exactly the same point. */
function aim({ target, radius }: Orbit, draw: Draw): Vec3 {
  const spread = radius[0] * 0.04;
  return [
    target[0] + draw.between(-spread, spread),
    target[1] + draw.between(-spread, spread),
    target[2] + draw.between(-spread, spread),
  ];
}
