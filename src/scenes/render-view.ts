/**
 * A picture of a scene: one area light with soft shadows, sky light that corners receive less of, glossy highlights,
 * supersampling. It is not a path tracer: no mirror images, no colour bleeding. Beside the picture it gives the exact
 * instance, part and depth at every pixel centre.
 */
import type { Camera } from '../math/camera.ts';
import { randomUniform, streams } from '../math/random.ts';
import { rayCaster } from '../math/rays.ts';
import { reflectanceAt } from './finish.ts';
import type { AreaLight, SceneDescription, Vec3 } from './scene.ts';
import type { Hit, SceneMesh } from './scene-mesh.ts';

export interface RenderedView {
  width: number;
  height: number;
  /** [height, width, 3] sRGB 0..255 */
  rgb: Uint8Array;
  /** [height, width] instance id at the pixel centre, 0 = nothing */
  instances: Uint16Array;
  /** [height, width] part id at the pixel centre, 0 = nothing */
  parts: Uint16Array;
  /** [height, width] distance along the viewing axis (z-depth), cm; 0 = nothing */
  depth: Float32Array;
}

export interface RenderQuality {
  /** Rays per pixel: the one through its centre, and jittered ones in as many cells. */
  samples: number;
  seed: number;
}

/** Sky light is cut off by what lies nearer than this, cm. */
const cornerReach = 14;
/** Share of the sky's light that still comes into a corner. */
const cornerLight = 0.35;

export function renderView(
  mesh: SceneMesh,
  scene: Pick<SceneDescription, 'light' | 'sky'>,
  camera: Camera,
  quality: RenderQuality,
): RenderedView {
  const { width, height } = camera;
  const pixels = width * height;
  const view: RenderedView = {
    width,
    height,
    rgb: new Uint8Array(pixels * 3),
    instances: new Uint16Array(pixels),
    parts: new Uint16Array(pixels),
    depth: new Float32Array(pixels),
  };
  const shader = new Shader(mesh, scene, camera, quality);
  for (let pixel = 0; pixel < pixels; pixel++) shader.pixel(view, pixel);
  return view;
}

/** Where shadows are tried, each in [0, 1): on the light's disc by ring and turn, in the sky by side and height. */
interface ShadowDraw {
  ring: number;
  turn: number;
  side: number;
  height: number;
}

class Shader {
  private readonly mesh: SceneMesh;
  private readonly light: AreaLight;
  private readonly sky: Vec3;
  private readonly quality: RenderQuality;
  private readonly caster: ReturnType<typeof rayCaster>;
  private readonly eye: Float64Array;
  private readonly forward: Float64Array;
  private readonly direction = new Float64Array(3);
  private readonly point = new Float64Array(3);
  private readonly albedo = new Float64Array(3);
  private readonly sum = new Float64Array(3);

  constructor(
    mesh: SceneMesh,
    { light, sky }: Pick<SceneDescription, 'light' | 'sky'>,
    camera: Camera,
    quality: RenderQuality,
  ) {
    this.mesh = mesh;
    this.light = light;
    this.sky = sky;
    this.quality = quality;
    this.caster = rayCaster(camera);
    const m = camera.cameraToWorld;
    this.eye = Float64Array.from([m[3], m[7], m[11]]);
    this.forward = Float64Array.from([-m[2], -m[6], -m[10]]);
  }

  pixel(view: RenderedView, pixel: number): void {
    const { samples, seed } = this.quality;
    const row = Math.floor(pixel / view.width);
    const col = pixel % view.width;
    const [dx, dy] = samplingGrid(samples - 1);
    const turnOfPixel = randomUniform(seed, streams.scene, pixel, 0, 3);
    this.sum.fill(0);
    for (let sample = 0; sample < samples; sample++) {
      const draw = (which: number) => randomUniform(seed, streams.scene, pixel, sample, which);
      const cell = sample - 1;
      const rowShift = cell < 0 ? 0 : (Math.floor(cell / dx) + draw(0)) / dy - 0.5;
      const colShift = cell < 0 ? 0 : ((cell % dx) + draw(1)) / dx - 0.5;
      this.caster.direction(row + rowShift, col + colShift, this.direction, 0);
      const [x, y, z] = this.direction;
      const hit = this.mesh.hit(this.eye, x, y, z);
      if (sample === 0 && hit) {
        const [fx, fy, fz] = this.forward;
        view.instances[pixel] = hit.surface.part.instance;
        view.parts[pixel] = hit.surface.part.id;
        view.depth[pixel] = hit.distance * (x * fx + y * fy + z * fz);
      }
      // Turned by the golden ratio from sample to sample, so that few samples cover light and sky evenly.
      const turn = sample * 0.6180339887;
      const level = (sample + draw(2)) / samples;
      this.shade(hit, {
        ring: level,
        turn: (turnOfPixel + turn) % 1,
        side: (turnOfPixel + 2 * turn) % 1,
        height: 1 - level,
      });
    }
    for (let channel = 0; channel < 3; channel++)
      view.rgb[pixel * 3 + channel] = encodeSrgb(this.sum[channel] / samples);
  }

  /** Adds the radiance that comes back along the ray. */
  private shade(hit: Hit | undefined, where: ShadowDraw): void {
    if (!hit) {
      for (let channel = 0; channel < 3; channel++) this.sum[channel] += this.sky[channel];
      return;
    }
    const { point, light, sky, albedo } = this;
    for (let axis = 0; axis < 3; axis++) point[axis] = this.eye[axis] + hit.distance * this.direction[axis];
    const { finish, toThing: t } = hit.surface;
    const [px, py, pz] = point;
    reflectanceAt(
      finish,
      t[0] * px + t[1] * py + t[2] * pz + t[3],
      t[4] * px + t[5] * py + t[6] * pz + t[7],
      t[8] * px + t[9] * py + t[10] * pz + t[11],
      albedo,
    );
    const { lit, highlight } = this.direct(hit, where.ring, where.turn);
    const open = cornerLight + (1 - cornerLight) * this.openness(hit, where.side, where.height);
    // From above all the sky, from the side half of it, from below what the table throws back.
    const ambient = open * (0.62 + 0.38 * hit.nz);
    const facing = Math.abs(this.direction[0] * hit.nx + this.direction[1] * hit.ny + this.direction[2] * hit.nz);
    const sheen = open * finish.gloss * (0.03 + 0.35 * (1 - facing) ** 4);
    for (let channel = 0; channel < 3; channel++)
      this.sum[channel] +=
        albedo[channel] * (lit * light.colour[channel] + ambient * sky[channel]) +
        highlight * light.colour[channel] +
        sheen * sky[channel];
  }

  /** Light that falls on the point (Lambert), and its reflection towards the eye (Blinn). */
  private direct(hit: Hit, u: number, v: number): { lit: number; highlight: number } {
    const { centre, radius } = this.light;
    const r = radius * Math.sqrt(u);
    const x = centre[0] + r * Math.cos(2 * Math.PI * v) - this.point[0];
    const y = centre[1] + r * Math.sin(2 * Math.PI * v) - this.point[1];
    const z = centre[2] - this.point[2];
    const length = Math.sqrt(x * x + y * y + z * z);
    const [lx, ly, lz] = [x / length, y / length, z / length];
    const lit = hit.nx * lx + hit.ny * ly + hit.nz * lz;
    if (lit <= 0 || this.mesh.blocked(this.point, lx, ly, lz, 0.02, length)) return { lit: 0, highlight: 0 };
    const { gloss } = hit.surface.finish;
    if (gloss === 0) return { lit, highlight: 0 };
    const [hx, hy, hz] = [lx - this.direction[0], ly - this.direction[1], lz - this.direction[2]];
    const half = (hit.nx * hx + hit.ny * hy + hit.nz * hz) / Math.sqrt(hx * hx + hy * hy + hz * hz);
    return { lit, highlight: gloss * 0.5 * Math.max(0, half) ** (12 + 90 * gloss) };
  }

  /** How far a cosine-weighted direction over the surface is free, as a share of `cornerReach`. */
  private openness(hit: Hit, u: number, v: number): number {
    const angle = 2 * Math.PI * u;
    const height = 2 * v - 1;
    const level = Math.sqrt(1 - height * height);
    const x = hit.nx + level * Math.cos(angle);
    const y = hit.ny + level * Math.sin(angle);
    const z = hit.nz + height;
    const length = Math.sqrt(x * x + y * y + z * z);
    if (length < 1e-6) return 1;
    return this.mesh.free(this.point, x / length, y / length, z / length, 0.05, cornerReach) / cornerReach;
  }
}

/** Columns and rows of cells that hold `count` samples. */
function samplingGrid(count: number): [number, number] {
  const columns = Math.max(1, Math.round(Math.sqrt(count)));
  return [columns, Math.max(1, Math.ceil(count / columns))];
}

export function encodeSrgb(linear: number): number {
  const value = Math.min(1, Math.max(0, linear));
  return Math.round(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055));
}
