/** Where the samples of rays lie, for kernels that make their points themselves: points of rays never go through memory. */
import { read } from '../wgsl/kernel.ts';

/** middleOf(ray, s): distance of a sample's mid-point, from `distances` [rays, samples + 1] and `params.samples`. */
export const middleFunction = /* wgsl */ `
fn middleOf(ray: u32, s: u32) -> f32 {
  let edge = ray * (params.samples + 1) + s;
  return 0.5 * (distances[edge] + distances[edge + 1]);
}
`;

/** middleOf, and samplePoint(ray, s): the mid-point in the scene frame, from `rayBuffers`. */
export const samplePointFunctions = /* wgsl */ `
${middleFunction}
fn samplePoint(ray: u32, s: u32) -> vec3<f32> {
  let origin = vec3<f32>(origins[3 * ray], origins[3 * ray + 1], origins[3 * ray + 2]);
  let direction = vec3<f32>(directions[3 * ray], directions[3 * ray + 1], directions[3 * ray + 2]);
  return origin + direction * middleOf(ray, s);
}
`;

export const rayBuffers = {
  origins: read('f32', '[rays, 3] scene units'),
  directions: read('f32', '[rays, 3]'),
  distances: read('f32', '[rays, samples + 1] edges'),
} as const;
