/** State of the layers that show the prior: whose regions they are, the plan of the photo, what lies under the pointer. */
import { computed, effect, signal } from '@preact/signals';
import { browserImages } from '../../platform/browser/images.ts';
import type { Image } from '../../platform/platform.ts';
import type { Prior } from '../../pyramid/prior.ts';
import type { PhotoPlan, PixelBox } from '../prior-plan.ts';
import { sitePaths } from '../site-paths.ts';
import { fieldLabel } from './field-label.ts';
import { sceneBase } from './scene-base.ts';
import * as state from './state.ts';

/** Longest side of the picture, pixels. */
const longestSide = 1024;

export const shownLayer = computed(() => {
  const { layer } = state.looks.value;
  return layer === 'regions' || layer === 'tiles' ? layer : undefined;
});

/** The field whose prior is shown. Regions of any field will do where the asked one has none. */
const fieldName = computed(() => {
  const scene = state.scene.value;
  const asked = scene?.fields[state.field.value] ?? '';
  if (shownLayer.value === 'tiles' || !scene || scene.regions[asked]) return asked;
  return Object.keys(scene.regions)[0] ?? asked;
});

/** Why there is nothing to show; undefined when there is. */
export const missing = computed(() => {
  const { scene, photo } = state;
  if (!scene.value || shownLayer.value === undefined) return undefined;
  const regions = scene.value.regions[fieldName.value];
  if (!regions)
    return fieldName.value === ''
      ? 'This run has no language field, so no regions were made.'
      : `The field ${fieldLabel(fieldName.value)} was trained without regions: every tile speaks for itself. Another language field can be chosen under Compare.`;
  if (regions.photos.length === 0)
    return 'This run holds no region maps: it was trained before they were kept. Training again with “langfield train” keeps them.';
  if (photo.value === undefined) return 'Regions are of photos: choose one below the picture.';
  if (regions.photos.includes(photo.value)) return undefined;
  return scene.value.photos[photo.value].split === 'test'
    ? 'This photo was held out, so it has no regions; choose another one.'
    : 'The region map of this photo is not in the run.';
});

export interface OpenPlan {
  /** The code that draws it, fetched with it. */
  code: typeof import('../prior-plan.ts');
  plan: PhotoPlan;
  /** The photo, at the size of the layer's picture. */
  photo: Image;
}

export const openPlan = signal<OpenPlan | undefined>(undefined);
export const planTrouble = signal<string | undefined>(undefined);

const wanted = computed(() =>
  shownLayer.value === undefined || missing.value !== undefined ? '' : `${state.photo.value} ${fieldName.value}`,
);

effect(() => {
  const key = wanted.value;
  openPlan.value = undefined;
  planTrouble.value = undefined;
  if (key === '') return;
  const [photo, field] = [state.photo.peek()!, fieldName.peek()];
  load(photo, field)
    .then((plan) => {
      if (wanted.peek() === key) openPlan.value = plan;
    })
    .catch((error: Error) => {
      if (wanted.peek() === key) planTrouble.value = `The regions cannot be shown: ${error.message}`;
    });
});

async function load(index: number, field: string): Promise<OpenPlan> {
  const scene = state.scene.peek()!;
  const { camera, name, available } = scene.photos[index];
  const [code, { decodeRegionPng }, png] = await Promise.all([
    import('../prior-plan.ts'),
    import('../../regions/region-png.ts'),
    fetchBytes(sitePaths.regions(field, index)),
  ]);
  const maps = decodeRegionPng(png, camera);
  if (!maps) throw new Error('the map is damaged or of another size than the photo.');
  // Small photos are enlarged, so that outlines are fine.
  const enlarge = longestSide / Math.max(camera.width, camera.height);
  const [width, height] = [camera.width, camera.height].map((side) => Math.max(1, Math.round(side * enlarge)));
  const [plan, photo] = await Promise.all([
    code.planPhoto(maps, field as Prior, scene.regions[field], name),
    available ? photoAt(index, width, height) : greyImage(width, height),
  ]);
  return { code, plan, photo };
}

async function photoAt(index: number, width: number, height: number): Promise<Image> {
  const path = sitePaths.photo(index);
  return browserImages.resize(await browserImages.decode(await fetchBytes(path), path), width, height);
}

const greyImage = (width: number, height: number): Image => ({
  width,
  height,
  channels: 3,
  data: new Uint8Array(3 * width * height).fill(128),
});

async function fetchBytes(path: string): Promise<Uint8Array> {
  const response = await fetch(sceneBase + path);
  if (!response.ok) throw new Error(`the server answered with status ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}

export interface Pointed {
  text: string;
  /** Of the region, and of the tile, in pixels of the photo. */
  region: PixelBox;
  tile?: PixelBox;
}

/** What is under the pointer: region, level and tile. */
export const pointed = computed((): Pointed | undefined => {
  const open = openPlan.value;
  const at = state.hovered.value;
  const camera = state.frame.value?.camera;
  if (!open || !at || !camera) return undefined;
  const { geometry } = open.plan;
  const row = Math.floor(((at.row + 0.5) / camera.height) * geometry.height);
  const col = Math.floor(((at.col + 0.5) / camera.width) * geometry.width);
  if (shownLayer.value === 'tiles') {
    const { level } = state.looks.value;
    const found = open.code.replacedAt(open.plan, level, row, col);
    if (!found) return undefined;
    const { tile, box, region } = found;
    const place = tile ? `tile ${tile.row}, ${tile.col} of level ${level + 1}` : `level ${level + 1} here`;
    return { text: `${place}: region ${region}, ${boxSize(box)}`, region: box, tile: tile?.square };
  }
  const found = open.code.regionAt(open.plan, row, col);
  if (!found) return undefined;
  const { region, box, area, levels } = found;
  const share = (100 * area) / (geometry.width * geometry.height);
  const fits = levels.length === 0 ? 'fits no level' : `fits level ${levels.join(', ')}`;
  return { text: `region ${region}, ${boxSize(box)}, ${share.toFixed(1)} % of the photo · ${fits}`, region: box };
});

const boxSize = ({ top, left, bottom, right }: PixelBox) => `${right - left + 1} × ${bottom - top + 1} pixels`;

/** What the read-out says in these layers; undefined in all others. */
export const pointedText = computed(() => {
  if (shownLayer.value === undefined || !openPlan.value) return undefined;
  if (pointed.value) return pointed.value.text;
  if (!state.hovered.value) return '';
  return shownLayer.value === 'tiles' ? 'the tiles’ own embeddings' : 'no region';
});

/** How much of the level that is shown answers with regions. */
export const levelSummary = computed(() => {
  const open = openPlan.value;
  if (!open) return undefined;
  const { geometry, plan, byPixel } = open.plan;
  const { level } = state.looks.value;
  const { rows, cols } = geometry.levels[level];
  const count = plan.replaced[level];
  const all = byPixel ? geometry.width * geometry.height : rows * cols;
  const regions = new Set(byPixel ? plan.choices[level] : plan.cells[level]);
  regions.delete(0);
  const share = `${((100 * count) / all).toFixed(0)} %`;
  if (byPixel) return `At ${share} of the pixels one of ${regions.size} regions may answer in this level.`;
  return `${count} of ${all} tiles (${share}) are replaced by ${regions.size} regions.`;
});
