/** Where the camera goes: by the visitor's hand, to photos, to places, home. */
import { batch } from '@preact/signals';
import type { Camera } from '../../math/camera.ts';
import { fieldOfView } from '../../math/views.ts';
import { between, distanceTo, fovThatShows, lookAt, type ViewPoint } from '../view-point.ts';
import { request } from './requests.ts';
import * as state from './state.ts';

let animation = 0;

/** The camera was moved by the visitor: it is no longer a photo's. */
export function moveTo(point: ViewPoint): void {
  if (state.recording.value) return;
  cancelAnimationFrame(animation);
  setPoint(point, true);
}

export function setPoint(point: ViewPoint, moving: boolean): void {
  batch(() => {
    state.point.value = point;
    state.photo.value = undefined;
  });
  if (moving) request(true);
}

/** Distance of what is seen in the middle, so that orbiting turns around it. */
export function pivotOnMiddle(): void {
  const frame = state.frame.value;
  const point = state.point.value;
  if (!frame || !point) return;
  const { width, height, depth, accumulation } = frame.appearance;
  const middle = Math.floor(height / 2) * width + Math.floor(width / 2);
  if (accumulation[middle] > 0.5 && depth[middle] > 0.01) state.point.value = { ...point, pivot: depth[middle] };
}

export function home(animate = true): void {
  const photos = state.scene.value?.photos ?? [];
  if (photos.length === 0) return;
  const held = photos.findIndex(({ split }) => split === 'test');
  const { camera } = photos[Math.max(0, held)];
  goTo(pointOf(camera), animate);
}

export function goToPhoto(index: number, animate = true): void {
  const camera = state.scene.value?.photos[index]?.camera;
  if (!camera) return;
  goTo(pointOf(camera), animate, index);
}

const pointOf = (camera: Camera): ViewPoint => ({
  pose: camera.cameraToWorld,
  pivot: state.point.value?.pivot ?? 1,
  fov: fovThatShows(fieldOfView(camera), state.stageSize.value),
});

/** The photo before or after; the first or last one from anywhere else. */
export function stepPhoto(step: 1 | -1): void {
  const count = state.scene.value?.photos.length ?? 0;
  if (count === 0) return;
  const from = state.photo.value ?? (step > 0 ? -1 : 0);
  goToPhoto((from + step + count) % count);
}

export function flyTo(target: readonly [number, number, number]): void {
  const point = state.point.value;
  if (!point) return;
  goTo(lookAt(point, target, Math.max(0.15, 0.55 * distanceTo(point, target))));
}

export function goTo(target: ViewPoint, animate = true, photo?: number): void {
  if (state.recording.value) return;
  cancelAnimationFrame(animation);
  const from = state.point.value;
  const arrive = () => {
    batch(() => {
      state.point.value = target;
      state.photo.value = photo;
    });
    request(false);
  };
  if (!animate || !from || matchMedia('(prefers-reduced-motion: reduce)').matches) {
    arrive();
    return;
  }
  const began = performance.now();
  const step = () => {
    const share = Math.min(1, (performance.now() - began) / 450);
    if (share >= 1) {
      arrive();
      return;
    }
    setPoint(between(from, target, share * share * (3 - 2 * share)), true);
    animation = requestAnimationFrame(step);
  };
  step();
}

export function setFov(fov: number): void {
  const point = state.point.value;
  if (point) moveTo({ ...point, fov });
}
