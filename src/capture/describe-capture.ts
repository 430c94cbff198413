/** What `langfield info` tells about a capture: a plain summary for programs, and the same in lines for people. */
import type { Camera } from '../math/camera.ts';
import { isDistorted } from '../math/distortion.ts';
import { fieldOfView } from '../math/views.ts';
import type { Capture } from './capture.ts';
import { nameSome } from './listing.ts';

/** Corners of a box in the scene frame. */
export interface Bounds {
  low: [number, number, number];
  high: [number, number, number];
}

export interface CameraSummary {
  /** Photos taken with these intrinsics. */
  photos: number;
  model: Camera['model'];
  width: number;
  height: number;
  fx: number;
  fy: number;
  cx: number;
  cy: number;
  /** [k1, k2, k3, k4, p1, p2]. */
  distortion: number[];
  /** Degrees. */
  fieldOfView: { horizontal: number; vertical: number };
}

export interface CaptureSummary {
  root: string;
  format: Capture['format'];
  photos: { total: number; train: number; test: number };
  testPhotos: string[];
  /** Distinct intrinsics, most used first. */
  cameras: CameraSummary[];
  /** Of the camera positions. */
  cameraBounds: Bounds;
  /** The box that holds the middle 98 % of the points along each axis. */
  points?: Bounds & { count: number };
  /** Along the viewing axis, in scene units, where the capture says so (LLFF). */
  depthBounds?: { near: number; far: number };
  worldToScene: { transform: number[]; scale: number };
  masks: number;
  warnings: string[];
}

/** Between the quantiles `trim` and 1 − `trim` of each axis of [n, 3] positions. */
function boundsOf(positions: Float64Array, trim: number): Bounds {
  const count = positions.length / 3;
  const bounds: Bounds = { low: [0, 0, 0], high: [0, 0, 0] };
  for (let axis = 0; axis < 3; axis++) {
    const values = Float64Array.from({ length: count }, (_, i) => positions[i * 3 + axis]).sort();
    const skipped = Math.floor(trim * (count - 1));
    bounds.low[axis] = values[skipped];
    bounds.high[axis] = values[count - 1 - skipped];
  }
  return bounds;
}

function distinctCameras(capture: Capture): CameraSummary[] {
  const groups = new Map<string, CameraSummary>();
  for (const { camera } of capture.photos) {
    const { model, width, height, fx, fy, cx, cy } = camera;
    const distortion = [...camera.distortion];
    const key = [model, width, height, fx, fy, cx, cy, ...distortion].join(' ');
    const group = groups.get(key);
    if (group) group.photos++;
    else
      groups.set(key, {
        photos: 1,
        model,
        width,
        height,
        fx,
        fy,
        cx,
        cy,
        distortion,
        fieldOfView: fieldOfView(camera),
      });
  }
  return [...groups.values()].sort((a, b) => b.photos - a.photos);
}

export function summariseCapture(capture: Capture): CaptureSummary {
  const test = capture.photos.filter((photo) => photo.split === 'test');
  const origins = capture.photos.flatMap(({ camera: { cameraToWorld: pose } }) => [pose[3], pose[7], pose[11]]);
  const { points, worldToScene } = capture;
  return {
    root: capture.root,
    format: capture.format,
    photos: { total: capture.photos.length, train: capture.photos.length - test.length, test: test.length },
    testPhotos: test.map((photo) => photo.name),
    cameras: distinctCameras(capture),
    cameraBounds: boundsOf(Float64Array.from(origins), 0),
    points:
      points && points.positions.length > 0
        ? { count: points.positions.length / 3, ...boundsOf(points.positions, 0.01) }
        : undefined,
    depthBounds: capture.depthBounds,
    worldToScene: { transform: [...worldToScene.transform], scale: worldToScene.scale },
    masks: capture.photos.filter((photo) => photo.maskPath !== undefined).length,
    warnings: capture.warnings,
  };
}

const formatNames: Record<Capture['format'], string> = {
  nerfstudio: 'nerfstudio / instant-ngp transforms.json',
  blender: 'Blender transforms_train.json',
  'colmap-binary': 'COLMAP, binary',
  'colmap-text': 'COLMAP, text',
  llff: 'LLFF poses_bounds.npy',
};

const short = (value: number) => String(Number(value.toPrecision(5)));
const box = ({ low, high }: Bounds) =>
  ['x', 'y', 'z'].map((axis, i) => `${axis} ${low[i].toFixed(2)} … ${high[i].toFixed(2)}`).join(', ');

const depthLine = ({ near, far }: { near: number; far: number }) =>
  `depth     ${short(near)} … ${short(far)} scene units, as the capture says; nothing is cut off there`;

function describeCamera(camera: CameraSummary): string[] {
  const { horizontal, vertical } = camera.fieldOfView;
  const names = ['k1', 'k2', 'k3', 'k4', 'p1', 'p2'];
  const terms = names.flatMap((name, i) =>
    camera.distortion[i] === 0 ? [] : [`${name} ${short(camera.distortion[i])}`],
  );
  const distorted = isDistorted(camera.distortion as unknown as Camera['distortion']);
  return [
    `  ${camera.width}×${camera.height} ${camera.model}, ${camera.photos} photo${camera.photos === 1 ? '' : 's'}: ` +
      `focal ${short(camera.fx)} × ${short(camera.fy)} px, centre ${short(camera.cx)}, ${short(camera.cy)}, ` +
      `sees ${horizontal.toFixed(1)}° × ${vertical.toFixed(1)}°`,
    `    distortion: ${distorted ? terms.join(', ') : 'none'}`,
  ];
}

/** Lines for a terminal; at most `maximumCameras` cameras are spelled out. */
export function describeCapture(capture: Capture, maximumCameras = 6): string[] {
  const summary = summariseCapture(capture);
  const { total, train, test } = summary.photos;
  const hidden = summary.cameras.length - maximumCameras;
  const sizes = new Set(summary.cameras.map((camera) => `${camera.width}×${camera.height}`));
  return [
    `capture   ${summary.root}`,
    `format    ${formatNames[summary.format]}`,
    `photos    ${total}: ${train} to train on, ${test} held out${test > 0 ? ` (${nameSome(summary.testPhotos, 8)})` : ''}`,
    `sizes     ${[...sizes].slice(0, 8).join(', ')}${sizes.size > 8 ? ` and ${sizes.size - 8} more` : ''}`,
    ...(summary.masks > 0 ? [`masks     ${summary.masks}`] : []),
    `cameras   ${summary.cameras.length} distinct`,
    ...summary.cameras.slice(0, maximumCameras).flatMap(describeCamera),
    ...(hidden > 0 ? [`  and ${hidden} more`] : []),
    `positions ${box(summary.cameraBounds)} (scene units)`,
    ...(summary.points ? [`points    ${summary.points.count}; the middle 98 % in ${box(summary.points)}`] : []),
    ...(summary.depthBounds ? [depthLine(summary.depthBounds)] : []),
    `scale     1 unit of the capture = ${short(summary.worldToScene.scale)} scene units`,
    ...(summary.warnings.length === 0 ? ['warnings  none'] : summary.warnings.map((line) => `warning   ${line}`)),
  ];
}
