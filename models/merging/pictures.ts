/**
 * The pictures that merging is learned from: random scenes (../household/random-scene.ts) seen from near and far, with
 * the exact instance of every pixel. They are drawn once and kept in a folder; a picture is a pure function of its number.
 * None of the five built-in scenes is among them.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Camera } from '../../src/math/camera.ts';
import { drawFrom } from '../../src/scenes/draw.ts';
import { renderView } from '../../src/scenes/render-view.ts';
import { SceneMesh } from '../../src/scenes/scene-mesh.ts';
import { type RandomScene, randomScene } from '../household/random-scene.ts';

export interface TruePicture {
  width: number;
  height: number;
  /** [height, width, 3] */
  rgb: Uint8Array;
  /** [height, width], 0 = nothing */
  instances: Uint16Array;
}

/** Scenes of the encoder's training are the first thousands; these are others. */
const firstScene = 1_000_000;
/** So many scenes are looked through for one of the kind that is wanted. */
const scenesPerPicture = 24;
/** Rays per pixel. */
const samples = 4;
const sizes = [240, 320, 400] as const;

/** The picture of this number, from the folder where it is there already. */
export function pictureOf(number: number, folder: string): TruePicture {
  const path = `${folder}/picture-${number}.bin`;
  if (existsSync(path)) return unpack(new Uint8Array(readFileSync(path)));
  const picture = draw(number);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${path}.part`, pack(picture));
  renameSync(`${path}.part`, path);
  return picture;
}

/** Two of three are heaps of things, which random scenes seldom are. */
function draw(number: number): TruePicture {
  const choice = drawFrom(number, 31);
  const heap = number % 3 !== 0;
  const scene = sceneOfKind(firstScene + number * scenesPerPicture, heap);
  const width = choice.pick(sizes);
  const camera = zoomed(choice.pick(scene.cameras), width, heap ? choice.between(0.6, 1.5) : choice.between(0.5, 1));
  const { rgb, instances } = renderView(new SceneMesh(scene), scene, camera, { samples, seed: number });
  return { width: camera.width, height: camera.height, rgb, instances };
}

function sceneOfKind(first: number, heap: boolean): RandomScene {
  for (let index = first; index < first + scenesPerPicture; index++) {
    const scene = randomScene(index);
    // Table, wall and floor are things as well.
    if (scene.things.length > 8 === heap) return scene;
  }
  return randomScene(first);
}

/** The same view at another width and focal length. */
function zoomed(camera: Camera, width: number, zoom: number): Camera {
  const scale = width / camera.width;
  const height = Math.round(camera.height * scale);
  const [fx, fy] = [camera.fx * scale * zoom, camera.fy * scale * zoom];
  return { ...camera, width, height, fx, fy, cx: camera.cx * scale, cy: camera.cy * scale };
}

/** Width and height as two 32-bit numbers, colours, instances. */
function pack({ width, height, rgb, instances }: TruePicture): Uint8Array {
  const head = new Uint8Array(Uint32Array.of(width, height).buffer);
  return Buffer.concat([head, rgb, new Uint8Array(instances.buffer)]);
}

function unpack(bytes: Uint8Array): TruePicture {
  const [width, height] = new Uint32Array(bytes.slice(0, 8).buffer);
  const pixels = width * height;
  const rgb = bytes.slice(8, 8 + 3 * pixels);
  return { width, height, rgb, instances: new Uint16Array(bytes.slice(8 + 3 * pixels).buffer) };
}
