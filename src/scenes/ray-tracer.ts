/**
 * A small ray tracer for the built-in scenes: one area light with soft shadows, sky light from above, a glossy
 * highlight, supersampling. It is not a path tracer: no reflections, no bounced light beyond the constant sky.
 * Besides the picture it gives the exact instance id and distance of every pixel centre.
 */
import type { Camera } from '../math/camera.ts';
import { randomUniform, streams } from '../math/random.ts';
import { along, cross, dot, type Shape, type Surface, unit, type Vec3 } from './shapes.ts';

/** Linear-light RGB reflectance of a surface point. */
export type Albedo = (surface: Surface) => Vec3;

export interface Part {
  shape: Shape;
  albedo: Albedo;
  /** 0 = matt … 1 = polished. */
  gloss: number;
}

export interface Instance {
  /** ≥ 1; the value in instance maps. */
  id: number;
  name: string;
  parts: Part[];
}

export interface AreaLight {
  centre: Vec3;
  radius: number;
  /** Linear-light RGB. */
  colour: Vec3;
}

export interface TracedScene {
  instances: Instance[];
  light: AreaLight;
  sky: Vec3;
}

export interface RenderedView {
  width: number;
  height: number;
  /** [height, width, 3] sRGB 0..255 */
  rgb: Uint8Array;
  /** [height, width] instance at the pixel centre, 0 = nothing */
  ids: Int32Array;
  /** [height, width] distance along the viewing axis (z-depth), scene units; 0 = nothing */
  depth: Float32Array;
}

export interface TraceQuality {
  /** Rays per pixel are grid²; each casts one shadow ray. */
  grid: number;
  seed: number;
}

interface Hit {
  distance: number;
  part: Part;
  instance: Instance;
}

interface Sphere {
  centre: Vec3;
  radius: number;
}

/** A sphere about all parts, so that most rays skip an instance after one test. */
function boundingSphere(instance: Instance): Sphere {
  const mean = [0, 1, 2].map(
    (axis) => instance.parts.reduce((sum, { shape }) => sum + shape.centre[axis], 0) / instance.parts.length,
  );
  const centre: Vec3 = [mean[0], mean[1], mean[2]];
  const radius = Math.max(
    ...instance.parts.map(
      ({ shape: { centre: c, reach } }) => reach + Math.hypot(c[0] - centre[0], c[1] - centre[1], c[2] - centre[2]),
    ),
  );
  return { centre, radius };
}

function misses({ centre, radius }: Sphere, origin: Vec3, direction: Vec3): boolean {
  const x = centre[0] - origin[0];
  const y = centre[1] - origin[1];
  const z = centre[2] - origin[2];
  const squared = x * x + y * y + z * z;
  if (squared <= radius * radius) return false;
  const ahead = x * direction[0] + y * direction[1] + z * direction[2];
  return ahead < 0 || squared - ahead * ahead > radius * radius;
}

export class RayTracer {
  readonly scene: TracedScene;
  private readonly bounds: Sphere[];

  constructor(scene: TracedScene) {
    this.scene = scene;
    this.bounds = scene.instances.map(boundingSphere);
  }

  /** Colour of one pixel is the mean of grid² jittered rays; ids and depth come from the ray through its centre. */
  render(camera: Camera, { grid, seed }: TraceQuality): RenderedView {
    const { width, height } = camera;
    const view: RenderedView = {
      width,
      height,
      rgb: new Uint8Array(width * height * 3),
      ids: new Int32Array(width * height),
      depth: new Float32Array(width * height),
    };
    const m = camera.cameraToWorld;
    const origin: Vec3 = [m[3], m[7], m[11]];
    const forward: Vec3 = [-m[2], -m[6], -m[10]];
    for (let pixel = 0; pixel < width * height; pixel++) {
      const [row, col] = [Math.floor(pixel / width), pixel % width];
      const centre = pixelDirection(camera, row + 0.5, col + 0.5);
      const hit = this.trace(origin, centre, 0);
      if (hit) {
        view.ids[pixel] = hit.instance.id;
        view.depth[pixel] = hit.distance * dot(centre, forward);
      }
      const sum = [0, 0, 0];
      const turnStart = randomUniform(seed, streams.scene, pixel, 0, 3);
      for (let sample = 0; sample < grid * grid; sample++) {
        const draw = (which: number) => randomUniform(seed, streams.scene, pixel, sample, which);
        const direction = pixelDirection(
          camera,
          row + (Math.floor(sample / grid) + draw(0)) / grid,
          col + ((sample % grid) + draw(1)) / grid,
        );
        // Rings of equal area, turned by the golden ratio: the light's disc is covered evenly by few samples.
        const turn = (turnStart + sample * 0.6180339887) % 1;
        const colour = this.shade(origin, direction, (sample + draw(2)) / (grid * grid), turn);
        for (let channel = 0; channel < 3; channel++) sum[channel] += colour[channel];
      }
      for (let channel = 0; channel < 3; channel++)
        view.rgb[pixel * 3 + channel] = encodeSrgb(sum[channel] / (grid * grid));
    }
    return view;
  }

  private trace(origin: Vec3, direction: Vec3, from: number): Hit | undefined {
    let best: Hit | undefined;
    for (let index = 0; index < this.bounds.length; index++) {
      if (misses(this.bounds[index], origin, direction)) continue;
      const instance = this.scene.instances[index];
      for (const part of instance.parts) {
        const distance = part.shape.enter(origin, direction, from);
        if (distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { distance, part, instance };
      }
    }
    return best;
  }

  /** Radiance along a unit direction; u and v in [0, 1) choose the point of the light that the shadow ray goes to. */
  private shade(origin: Vec3, direction: Vec3, u: number, v: number): Vec3 {
    const { light, sky } = this.scene;
    const hit = this.trace(origin, direction, 0);
    if (!hit) return sky;
    const point = along(origin, direction, hit.distance);
    const surface = hit.part.shape.surfaceAt(point);
    const { normal } = surface;
    const albedo = hit.part.albedo(surface);
    const target = pointOnDisc(light, u, v);
    const toLight: Vec3 = [target[0] - point[0], target[1] - point[1], target[2] - point[2]];
    const lightDirection = unit(toLight);
    const facing = dot(normal, lightDirection);
    const lit = facing > 0 && !this.blocked(point, toLight) ? 1 : 0;
    const half = unit([
      lightDirection[0] - direction[0],
      lightDirection[1] - direction[1],
      lightDirection[2] - direction[2],
    ]);
    const highlight = lit * hit.part.gloss * 0.35 * Math.max(0, dot(normal, half)) ** 40;
    // Sky light: full from above, half from the side, a little from below (the table's bounce).
    const ambient = 0.62 + 0.38 * normal[2];
    return [0, 1, 2].map(
      (c) => albedo[c] * (lit * facing * light.colour[c] + ambient * sky[c]) + highlight * light.colour[c],
    ) as unknown as Vec3;
  }

  private blocked(point: Vec3, toLight: Vec3): boolean {
    const length = Math.sqrt(dot(toLight, toLight));
    const direction: Vec3 = [toLight[0] / length, toLight[1] / length, toLight[2] / length];
    for (let index = 0; index < this.bounds.length; index++) {
      if (misses(this.bounds[index], point, direction)) continue;
      for (const { shape } of this.scene.instances[index].parts)
        if (shape.enter(point, direction, 1e-4) < length) return true;
    }
    return false;
  }
}

/** Unit direction in the world through continuous pixel coordinates. */
function pixelDirection(camera: Camera, row: number, col: number): Vec3 {
  const x = (col - camera.cx) / camera.fx;
  const y = -(row - camera.cy) / camera.fy;
  const m = camera.cameraToWorld;
  return unit([m[0] * x + m[1] * y - m[2], m[4] * x + m[5] * y - m[6], m[8] * x + m[9] * y - m[10]]);
}

/** A point of the light's disc, which faces straight down. */
function pointOnDisc({ centre, radius }: AreaLight, u: number, v: number): Vec3 {
  const r = radius * Math.sqrt(u);
  return [centre[0] + r * Math.cos(2 * Math.PI * v), centre[1] + r * Math.sin(2 * Math.PI * v), centre[2]];
}

export function encodeSrgb(linear: number): number {
  const value = Math.min(1, Math.max(0, linear));
  return Math.round(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055));
}

/** sRGB 0..255 to linear light. */
export function decodeSrgb(code: number): number {
  const value = code / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Camera-to-world [3, 4] that looks from `eye` to `target` with +z up. */
export function lookAt(eye: Vec3, target: Vec3): Float64Array {
  const back = unit([eye[0] - target[0], eye[1] - target[1], eye[2] - target[2]]);
  const right = unit(cross([0, 0, 1], back));
  const up = cross(back, right);
  return Float64Array.from([0, 1, 2].flatMap((axis) => [right[axis], up[axis], back[axis], eye[axis]]));
}
