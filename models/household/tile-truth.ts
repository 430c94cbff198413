/**
 * What a square of a rendered view shows, in words and shares: the truth that captions are drawn from. A thing counts
 * by how much of the square it covers and spans, wherever it is in it, and much more than stuff: CLIP, too, names what
 * catches the eye in a picture, not what is in its middle, and a spoon on a table is a spoon although the table has nine
 * tenths of the pixels. A part counts when it fills more of its thing here than it does in the whole view of the thing.
 */
import type { Camera } from '../../src/math/camera.ts';
import { projectPoint } from '../../src/math/projection.ts';
import type { Square } from '../../src/pyramid/cut-tiles.ts';
import type { RenderedView } from '../../src/scenes/render-view.ts';
import type { SceneDescription } from '../../src/scenes/scene.ts';
import type { SceneMesh } from '../../src/scenes/scene-mesh.ts';
import type { ScenePart } from '../../src/scenes/scene-parts.ts';

/** An entity of a tile; `part` is absent for the whole thing. `weight`: how true it is that the tile shows it, 0..1. */
export interface Entity {
  instance: number;
  part?: ScenePart;
  weight: number;
}

export interface ViewCensus {
  /** Visible pixels, by id. */
  instances: Map<number, number>;
  parts: Map<number, number>;
}

const points = 20;
const pointsOfThing = 60;
const stuffShare = 1 / 4;
/** Gaussian over the square, σ in sides: the corners count half as much as the middle. */
const sigma = 0.6;
/** Shares of a square from which on a thing is named a little, and wholly. */
const [namedFrom, namedWhollyFrom] = [0.12, 0.45];

export function census({ instances, parts }: RenderedView): ViewCensus {
  const count = (ids: ArrayLike<number>) => {
    const counts = new Map<number, number>();
    for (let pixel = 0; pixel < ids.length; pixel++) counts.set(ids[pixel], (counts.get(ids[pixel]) ?? 0) + 1);
    return counts;
  };
  return { instances: count(instances), parts: count(parts) };
}

/**
 * How much of a thing can be seen, 0..1: of the points of its surface, those in the frame with nothing else before them.
 * Its own front hides its back, which counts as seen.
 */
export function seenShare(instance: number, mesh: SceneMesh, camera: Camera): number {
  const all = mesh.pointsOf(instance, pointsOfThing);
  const m = camera.cameraToWorld;
  const eye = [m[3], m[7], m[11]];
  let seen = 0;
  for (let at = 0; at < all.length; at += 3) {
    const [x, y, z] = all.subarray(at, at + 3);
    const { row, col } = projectPoint(camera, [x, y, z]) ?? { row: -1, col: -1 };
    if (row < 0 || col < 0 || row >= camera.height || col >= camera.width) continue;
    const [dx, dy, dz] = [x - eye[0], y - eye[1], z - eye[2]];
    const length = Math.hypot(dx, dy, dz);
    if (mesh.hit(eye, dx / length, dy / length, dz / length)?.surface.part.instance === instance) seen++;
  }
  return seen / (all.length / 3);
}

/** Up to four entities, the truest first. */
export function entitiesOf(
  square: Square,
  view: RenderedView,
  { instances: visible, parts: visibleParts }: ViewCensus,
  scene: SceneDescription,
  mesh: SceneMesh,
): Entity[] {
  const { perPart, perInstance, spans, all, pixelsPerPoint, rawPerInstance } = weigh(square, view, mesh.parts);
  const salience = new Map<number, number>();
  for (const [instance, weight] of perInstance) {
    const { stuff } = scene.things[instance - 1].thing;
    salience.set(instance, stuff ? weight * stuffShare : Math.sqrt(weight * windowOver(spans.get(instance)!)));
  }
  const total = [...salience.values()].reduce((sum, value) => sum + value, 0);
  const entities: Entity[] = [];
  for (const [instance, weight] of perInstance) {
    if (weight < 0.02 * all) continue;
    const { stuff } = scene.things[instance - 1].thing;
    const share = smoothStep(namedFrom, namedWhollyFrom, salience.get(instance)! / total);
    const seen = ((rawPerInstance.get(instance) ?? 0) * pixelsPerPoint) / (visible.get(instance) ?? 1);
    const known = stuff ? share : share * (0.4 + 0.6 * Math.min(1, seen / 0.2));
    let dominance = 0;
    for (const part of mesh.parts) {
      if (part.instance !== instance || part.name === undefined) continue;
      const within = (perPart.get(part.id) ?? 0) / weight;
      const natural = Math.min(0.9, (visibleParts.get(part.id) ?? 0) / (visible.get(instance) ?? 1));
      const excess = smoothStep(0.2, 0.6, (within - natural) / (1 - natural));
      dominance = Math.max(dominance, excess);
      entities.push({ instance, part, weight: share * Math.max(excess, 0.25 * natural * within) });
    }
    entities.push({ instance, weight: known * (1 - 0.6 * dominance) });
  }
  return entities
    .filter(({ weight }) => weight >= 0.1)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, 4);
}

/** Rows and columns of the grid that an instance reaches, inclusive. */
interface Span {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

const along = (index: number) => (index + 0.5) / points - 0.5;
const windowAt = (u: number, v: number) => Math.exp(-(u * u + v * v) / (2 * sigma * sigma));

/** Sum of the window over a span. */
function windowOver({ top, left, bottom, right }: Span): number {
  let sum = 0;
  for (let i = top; i <= bottom; i++) for (let j = left; j <= right; j++) sum += windowAt(along(i), along(j));
  return sum;
}

/** Sums of the window over a grid of points of the square, by part and by instance, and what instances span of it. */
function weigh({ top, left, side }: Square, view: RenderedView, parts: readonly ScenePart[]) {
  const perPart = new Map<number, number>();
  const perInstance = new Map<number, number>();
  const rawPerInstance = new Map<number, number>();
  const spans = new Map<number, Span>();
  let all = 0;
  for (let i = 0; i < points; i++)
    for (let j = 0; j < points; j++) {
      const [u, v] = [along(i), along(j)];
      const weight = windowAt(u, v);
      all += weight;
      const [y, x] = [Math.floor(top + (u + 0.5) * side), Math.floor(left + (v + 0.5) * side)];
      if (y < 0 || x < 0 || y >= view.height || x >= view.width) continue;
      const id = view.parts[y * view.width + x];
      if (id === 0) continue;
      const { instance } = parts[id - 1];
      perPart.set(id, (perPart.get(id) ?? 0) + weight);
      perInstance.set(instance, (perInstance.get(instance) ?? 0) + weight);
      rawPerInstance.set(instance, (rawPerInstance.get(instance) ?? 0) + 1);
      const span = spans.get(instance) ?? { top: i, left: j, bottom: i, right: j };
      spans.set(instance, { ...span, left: Math.min(span.left, j), bottom: i, right: Math.max(span.right, j) });
    }
  return { perPart, perInstance, spans, rawPerInstance, all, pixelsPerPoint: (side / points) ** 2 };
}

function smoothStep(low: number, high: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return t * t * (3 - 2 * t);
}
