/** The camera path of the page: its views, playing it, and recording it as a film. */
import { signal } from '@preact/signals';
import { viewCamera } from '../../math/views.ts';
import { pathLength, placeOfPicture, pointOnPath } from '../camera-path.ts';
import { composeDifference, composePicture } from '../compose.ts';
import type { ViewPoint } from '../view-point.ts';
import { moveTo } from './moves.ts';
import { cancelStill, renderStill, request } from './requests.ts';
import { FilmEncoder } from './film-encoder.ts';
import * as state from './state.ts';
import { fileName, save } from './take-away.ts';

export interface PathView {
  /** For the list; the same view may be there several times. */
  key: number;
  name: string;
  point: ViewPoint;
}

export interface FilmSettings {
  width: number;
  height: number;
  framesPerSecond: number;
  secondsBetween: number;
}

export const filmLimits = { leastSide: 64, mostSide: 1920, mostPictures: 5000 } as const;

export const pathViews = signal<readonly PathView[]>([]);
export const playing = signal(false);
export const film = signal<FilmSettings>({ width: 640, height: 360, framesPerSecond: 24, secondsBetween: 2 });
/** What the recording has come to. */
export const filmProgress = signal<{ done: number; total: number; secondsLeft?: number } | undefined>(undefined);
export const filmTrouble = signal<string | undefined>(undefined);

let keys = 0;
let cancelled = false;

export function addView(): void {
  const { point, photo, scene } = state;
  if (!point.value) return;
  const through = photo.value === undefined ? undefined : scene.value?.photos[photo.value]?.name;
  const name = through?.slice(through.lastIndexOf('/') + 1) ?? 'a view of your own';
  pathViews.value = [...pathViews.value, { key: ++keys, name, point: point.value }];
}

export function removeView(key: number): void {
  pathViews.value = pathViews.value.filter((view) => view.key !== key);
}

export function setFilm(change: Partial<FilmSettings>): void {
  film.value = { ...film.value, ...change };
}

const points = () => pathViews.value.map(({ point }) => point);

export const pictureCount = () =>
  pathLength(pathViews.value.length, film.value.secondsBetween, film.value.framesPerSecond);

/** Runs the camera along the path, until its end or until it is moved by hand. */
export function play(): void {
  const views = points();
  const seconds = film.value.secondsBetween * (views.length - 1);
  const began = performance.now();
  playing.value = true;
  let shown: ViewPoint | undefined;
  const step = () => {
    if (!playing.value || (shown !== undefined && state.point.value?.pose !== shown.pose)) {
      playing.value = false;
      return;
    }
    const share = Math.min(1, (performance.now() - began) / 1000 / seconds);
    shown = pointOnPath(views, share * (views.length - 1));
    moveTo(shown);
    if (share < 1) requestAnimationFrame(step);
    else playing.value = false;
  };
  step();
}

export function stopPlaying(): void {
  playing.value = false;
}

/** Encoders want even sides. */
export function evenSide(value: number): number {
  const within = Math.min(filmLimits.mostSide, Math.max(filmLimits.leastSide, Number.isFinite(value) ? value : 0));
  return 2 * Math.round(within / 2);
}

/** Renders the path picture by picture and saves the film. */
export async function record(): Promise<void> {
  const views = points();
  const settings = { ...film.value, width: evenSide(film.value.width), height: evenSide(film.value.height) };
  const total = pictureCount();
  cancelled = false;
  filmTrouble.value = undefined;
  playing.value = false;
  state.recording.value = true;
  filmProgress.value = { done: 0, total };
  let encoder: FilmEncoder | undefined;
  try {
    encoder = await FilmEncoder.open(settings);
    const began = performance.now();
    for (let picture = 0; picture < total && !cancelled; picture++) {
      await encoder.add(await filmPicture(pointOnPath(views, placeOfPicture(picture, total, views.length)), settings));
      const done = picture + 1;
      filmProgress.value = { done, total, secondsLeft: ((performance.now() - began) / 1000 / done) * (total - done) };
    }
    if (!cancelled) save(`${fileName('film')}.webm`, await encoder.finish(), 'video/webm');
  } catch (error) {
    if (!cancelled) filmTrouble.value = (error as Error).message;
  } finally {
    encoder?.abandon();
    filmProgress.value = undefined;
    state.recording.value = false;
    request(false);
  }
}

async function filmPicture({ pose, fov }: ViewPoint, { width, height }: FilmSettings) {
  const frame = await renderStill(viewCamera(pose, width, height, fov));
  const { looks, asked, showsDifference } = state;
  return showsDifference.value
    ? composeDifference(frame, looks.value, asked.value)
    : composePicture(frame, looks.value, asked.value);
}

export function cancelRecording(): void {
  cancelled = true;
  cancelStill('The recording was given up.');
}
