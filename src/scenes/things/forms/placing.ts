/** How made meshes are turned, mirrored, sized and put in their place. */
import { type BufferGeometry, Matrix4, Quaternion, Vector3 } from 'three';
import { join } from '../../meshes.ts';
import type { ThingPart, Vec3 } from '../../scene.ts';

/** Turns +z to the direction and moves the origin to `at`. */
export function pointing(geometry: BufferGeometry, at: Vec3, direction: Vec3): BufferGeometry {
  const turn = new Quaternion().setFromUnitVectors(new Vector3(0, 0, 1), new Vector3(...direction).normalize());
  return geometry.applyQuaternion(turn).translate(...at);
}

/** From lying in the xy plane to standing in the xz plane, z becoming -y. */
export const upright = (geometry: BufferGeometry): BufferGeometry => geometry.rotateX(Math.PI / 2);

/** From an outline in (y, z), extruded along z, to a body centred across x. */
export const sideways = (geometry: BufferGeometry, width: number): BufferGeometry =>
  geometry.applyMatrix4(new Matrix4().set(0, 0, 1, -width / 2, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1));

/** All parts larger or smaller, about the origin. */
export const sized = (parts: readonly ThingPart[], factor: number): ThingPart[] =>
  parts.map((part) => ({ ...part, geometry: part.geometry.clone().scale(factor, factor, factor) }));

/** For a left and a right part. */
export const bothSides = (make: (side: -1 | 1) => BufferGeometry): BufferGeometry => join([make(-1), make(1)]);
