/** Results as files: the picture as it is shown, exact relevancy, the camera, and the address of the view. */
import { encodeNpy } from '../../formats/npy.ts';
import { encodePly } from '../../formats/ply.ts';
import type { Camera } from '../../math/camera.ts';
import { fieldOfView } from '../../math/views.ts';
import { browserImages } from '../../platform/browser/images.ts';
import { slugOf } from '../../query/phrases.ts';
import { composeDifference, composePicture } from '../compose.ts';
import { relevantPoints } from '../point-cloud.ts';
import { answerTo, asked, frame, looks, notice, scene, showsDifference } from './state.ts';

export function save(name: string, bytes: Uint8Array | string, type: string): void {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  notice.value = `Saved ${name}`;
}

const selectedText = () => looks.value.phrases[looks.value.selected]?.text;

export function fileName(...parts: (string | undefined)[]): string {
  return [scene.value?.name ?? 'scene', ...parts]
    .filter(Boolean)
    .map((part) => slugOf(part!))
    .join('_');
}

export async function savePicture(): Promise<void> {
  if (!frame.value) return;
  const { layer, display } = looks.value;
  const plain = layer === 'relevancy' ? `${selectedText()}_${display}` : layer;
  const image = showsDifference.value
    ? composeDifference(frame.value, looks.value, asked.value)
    : composePicture(frame.value, looks.value, asked.value);
  const kind = showsDifference.value ? `${selectedText()}_difference` : plain;
  save(`${fileName(kind)}.png`, await browserImages.encodePng(image), 'image/png');
}

export function saveRelevancy(): void {
  const text = selectedText();
  const answer = text === undefined ? undefined : answerTo(text);
  if (!frame.value || !answer) return;
  const { width, height } = frame.value.appearance;
  save(`${fileName(text, 'relevancy')}.npy`, encodeNpy(answer.relevancy, [height, width]), 'application/octet-stream');
}

/** What exceeds the threshold, as points in the scene frame; of the finest picture only. */
export function savePoints(): void {
  const text = selectedText();
  const answer = text === undefined ? undefined : answerTo(text);
  if (!frame.value?.final || text === undefined || !answer) return;
  const { camera, appearance } = frame.value;
  const { threshold } = looks.value;
  const points = relevantPoints(camera, appearance, answer.relevancy, threshold);
  if (points.relevancy.length === 0) {
    notice.value = `No points: nothing in this view exceeds ${threshold.toFixed(2)}`;
    return;
  }
  const comment = `relevancy of "${text}" above ${threshold.toFixed(2)}; frame: scene of the run`;
  save(`${fileName(text)}.ply`, encodePly(points, [comment]), 'application/octet-stream');
}

export function saveCamera(): void {
  if (!frame.value) return;
  save(`${fileName('camera')}.json`, cameraFile(frame.value.camera), 'application/json');
}

/** A camera file that `langfield query --views` reads; lens distortion of a photo is left out. */
export function cameraFile(camera: Camera): string {
  const { cameraToWorld: m, width, height } = camera;
  const rows = [0, 4, 8].map((start) => Array.from(m.subarray(start, start + 4)));
  const named = { name: 'view', cameraToWorld: rows, fov: fieldOfView(camera).vertical, width, height };
  return `${JSON.stringify({ frame: 'scene', cameras: [named] }, undefined, 1)}\n`;
}

export async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    notice.value = 'Copied the address of this view';
  } catch {
    notice.value = 'The browser does not let this page copy; the address bar holds the same link';
  }
}
