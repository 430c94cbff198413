/**
 * Which squares of a rendered view become training tiles: whole things, parts, stuff, squares as the pyramid cuts them,
 * zero-padded region tiles as the panoptic prior cuts them, and things and parts alone on a plain ground, as the masked
 * prior shows them and shops do; 64 × 64 each, resized as langfield resizes.
 */
import { Resampler } from '../../src/encoders/resample.ts';
import { cutSquare, hideSurroundings, type PixelWindow, type Square } from '../../src/pyramid/cut-tiles.ts';
import type { Camera } from '../../src/math/camera.ts';
import type { Draw } from '../../src/scenes/draw.ts';
import type { RenderedView } from '../../src/scenes/render-view.ts';
import type { SceneDescription } from '../../src/scenes/scene.ts';
import type { SceneMesh } from '../../src/scenes/scene-mesh.ts';
import { census, type Entity, entitiesOf, seenShare } from './tile-truth.ts';

export const tileSize = 64;
export const tileKinds = { pyramid: 0, thing: 1, part: 2, stuff: 3, region: 4, alone: 5 } as const;
export type TileKind = (typeof tileKinds)[keyof typeof tileKinds];

export interface Tile {
  kind: TileKind;
  /** Of the square that was cut, pixels: how much there was to see before it was resized. */
  side: number;
  /** How much of its first entity's thing can be seen in the photo, 0..1. */
  seen: number;
  /** [64, 64, 3] */
  rgb: Uint8Array;
  entities: Entity[];
}

/** Fewer visible pixels than this are not worth a tile of their own. */
const leastPixels = { thing: 70, part: 24 };

interface Cut {
  kind: TileKind;
  square: Square;
  /** What alone is shown of the square: pixels of the map that have this id. */
  only?: { map: 'instances' | 'parts'; id: number };
}

const resampler = new Resampler({
  size: tileSize,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  interpolation: 'bilinear',
  antialias: false,
  layout: 'nhwc',
} as ConstructorParameters<typeof Resampler>[0]);

export function* sampleTiles(
  view: RenderedView,
  camera: Camera,
  scene: SceneDescription,
  mesh: SceneMesh,
  draw: Draw,
): Generator<Tile> {
  const counts = census(view);
  const shares = new Map<number, number>();
  const seen = (instance: number) => {
    if (!shares.has(instance)) shares.set(instance, seenShare(instance, mesh, camera));
    return shares.get(instance)!;
  };
  const instances = boundsById(view.instances, view);
  const parts = boundsById(view.parts, view);
  for (const cut of chooseCuts(view, scene, mesh, counts, instances, parts, draw)) {
    const { kind, square } = cut;
    const shown = showOnly(view, cut);
    const entities = entitiesOf(square, shown, counts, scene, mesh);
    if (entities.length === 0 || entities[0].weight < 0.3) continue;
    yield { kind, side: square.side, seen: seen(entities[0].instance), rgb: cutTile(shown, square), entities };
  }
}

function* chooseCuts(
  view: RenderedView,
  scene: SceneDescription,
  mesh: SceneMesh,
  counts: ReturnType<typeof census>,
  instances: Map<number, PixelWindow>,
  parts: Map<number, PixelWindow>,
  draw: Draw,
): Generator<Cut> {
  for (const [id, bounds] of instances) {
    if (id === 0 || scene.things[id - 1].thing.stuff || counts.instances.get(id)! < leastPixels.thing) continue;
    for (let copy = 0; copy < 3; copy++)
      yield { kind: tileKinds.thing, square: about(bounds, draw.between(0.95, 1.7), draw) };
    yield regionCut(bounds);
    yield regionCut(cropped(bounds, draw));
    yield aloneCut(bounds, 'instances', id);
    yield aloneCut(cropped(bounds, draw), 'instances', id);
  }
  for (const [id, bounds] of parts) {
    if (id === 0 || mesh.parts[id - 1].name === undefined || counts.parts.get(id)! < leastPixels.part) continue;
    for (let copy = 0; copy < 2; copy++)
      yield { kind: tileKinds.part, square: about(bounds, draw.between(1, 2), draw) };
    yield regionCut(bounds);
    yield regionCut(cropped(bounds, draw));
    yield aloneCut(bounds, 'parts', id);
  }
  const anywhere = (kind: TileKind, low: number, high: number): Cut => {
    const side = Math.round(view.height * Math.exp(draw.between(Math.log(low), Math.log(high))));
    const top = Math.round(draw.between(0, view.height) - side / 2);
    const left = Math.round(draw.between(0, view.width) - side / 2);
    return { kind, square: { top, left, side } };
  };
  for (let copy = 0; copy < 11; copy++) yield anywhere(tileKinds.pyramid, 0.06, 0.55);
  for (let copy = 0; copy < 6; copy++) {
    const cut = anywhere(tileKinds.stuff, 0.06, 0.4);
    if (showsStuff(cut.square, view, scene)) yield cut;
  }
}

/** As the panoptic prior cuts a region: its box, padded with black to a square. */
function regionCut(window: PixelWindow): Cut {
  return { kind: tileKinds.region, square: { ...about(window, 1), window } };
}

/** As the masked prior looks at a region once more. */
function aloneCut(window: PixelWindow, map: 'instances' | 'parts', id: number): Cut {
  return { kind: tileKinds.alone, square: { ...about(window, 1), window }, only: { map, id } };
}

/** The view with all else of the square's window gone from its picture and its maps. */
function showOnly(view: RenderedView, { square, only }: Cut): RenderedView {
  const { window } = square;
  if (!only || !window) return view;
  const cols = window.right - window.left + 1;
  const shown = Uint8Array.from({ length: (window.bottom - window.top + 1) * cols }, (_, i) =>
    view[only.map][(window.top + Math.floor(i / cols)) * view.width + window.left + (i % cols)] === only.id ? 1 : 0,
  );
  const kept = (ids: RenderedView['instances']) => ids.map((id, pixel) => (view[only.map][pixel] === only.id ? id : 0));
  const { rgb } = hideSurroundings(view, { ...square, shown });
  return { ...view, rgb, instances: kept(view.instances), parts: kept(view.parts) };
}

/** A box of which each side moved in by up to a fifth: segmenters rarely find the whole of a thing. */
function cropped({ top, left, bottom, right }: PixelWindow, draw: Draw): PixelWindow {
  const inwards = (length: number) => Math.floor(draw.between(0, 0.2) * length);
  const [height, width] = [bottom - top, right - left];
  return {
    top: top + inwards(height),
    left: left + inwards(width),
    bottom: bottom - inwards(height),
    right: right - inwards(width),
  };
}

/** A square about a box, `scale` times its longer side; off its centre a little when there is a draw. */
function about({ top, left, bottom, right }: PixelWindow, scale: number, draw?: Draw): Square {
  const longer = Math.max(bottom - top + 1, right - left + 1);
  const side = Math.max(6, Math.round(longer * scale));
  const shift = () => (draw ? draw.between(-0.12, 0.12) * longer : 0);
  return {
    top: Math.floor((top + bottom + 1 - side) / 2 + shift()),
    left: Math.floor((left + right + 1 - side) / 2 + shift()),
    side,
  };
}

function showsStuff({ top, left, side }: Square, view: RenderedView, scene: SceneDescription): boolean {
  let [stuff, all] = [0, 0];
  for (let i = 0; i < 12; i++)
    for (let j = 0; j < 12; j++) {
      const [y, x] = [Math.floor(top + ((i + 0.5) / 12) * side), Math.floor(left + ((j + 0.5) / 12) * side)];
      if (y < 0 || x < 0 || y >= view.height || x >= view.width) continue;
      const id = view.instances[y * view.width + x];
      all++;
      if (id > 0 && scene.things[id - 1].thing.stuff) stuff++;
    }
  return all > 70 && stuff > 0.9 * all;
}

function cutTile(view: RenderedView, square: Square): Uint8Array {
  const { side } = square;
  const cut = new Uint8Array(side * side * 3);
  cutSquare(view, square, cut, 0);
  const floats = new Float32Array(tileSize * tileSize * 3);
  resampler.resample(cut, 0, { width: side, height: side }, { width: tileSize, height: tileSize }, floats, 0);
  const rgb = new Uint8Array(floats.length);
  for (let i = 0; i < rgb.length; i++) rgb[i] = Math.round(255 * floats[i]);
  return rgb;
}

function boundsById(ids: ArrayLike<number>, { width, height }: RenderedView): Map<number, PixelWindow> {
  const bounds = new Map<number, PixelWindow>();
  for (let row = 0; row < height; row++)
    for (let col = 0; col < width; col++) {
      const id = ids[row * width + col];
      const known = bounds.get(id);
      if (!known) bounds.set(id, { top: row, left: col, bottom: row, right: col });
      else {
        known.bottom = row;
        if (col < known.left) known.left = col;
        if (col > known.right) known.right = col;
      }
    }
  return bounds;
}
