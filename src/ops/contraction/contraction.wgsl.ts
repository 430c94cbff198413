/**
 * GPU kernels of the scene contraction (contraction.ts): points [n, 3] to grid coordinates and back. The WGSL functions
 * are shared with kernels that make their points themselves.
 */
import { defineKernel, read, write } from '../wgsl/kernel.ts';

/** contractBy(x, m): the contraction of x by its norm m. */
const contractBy = /* wgsl */ `
fn contractBy(x: vec3<f32>, m: f32) -> vec3<f32> {
  return select((2.0 - 1.0 / m) / m, 1.0, m < 1.0) * x;
}
`;

/** cubeCoordinate(x): L∞ grid coordinates and the selector in w; ballCoordinate(x): L2 grid coordinates. */
export const contractionFunctions = /* wgsl */ `
${contractBy}
fn cubeCoordinate(x: vec3<f32>) -> vec4<f32> {
  let c = (contractBy(x, max(max(abs(x.x), abs(x.y)), abs(x.z))) + 2.0) * 0.25;
  let inside = all(c > vec3<f32>(0.0)) && all(c < vec3<f32>(1.0));
  return select(vec4<f32>(0.0), vec4<f32>(c, 1.0), inside);
}
fn ballCoordinate(x: vec3<f32>) -> vec3<f32> {
  return (contractBy(x, length(x)) + 2.0) * 0.25;
}
`;

/** cubeCoordinateBackward(x, g): gradient to x of the L∞ grid coordinates; tied axes share, as in the reference. */
export const contractionBackwardFunctions = /* wgsl */ `
${contractionFunctions}
fn cubeCoordinateBackward(x: vec3<f32>, gradCoordinate: vec3<f32>) -> vec3<f32> {
  if (cubeCoordinate(x).w == 0.0) { return vec3<f32>(0.0); }
  let g = gradCoordinate * 0.25;
  let m = max(max(abs(x.x), abs(x.y)), abs(x.z));
  if (m < 1.0) { return g; }
  let largest = select(vec3<f32>(0.0), sign(x), abs(x) == vec3<f32>(m));
  let ties = max(1.0, dot(largest, largest));
  let inverse = 1.0 / m;
  let gradNorm = dot(g, x) * (2.0 * inverse - 2.0) * inverse * inverse;
  return (2.0 - inverse) * inverse * g + gradNorm / ties * largest;
}
`;

const loadPoint = /* wgsl */ `let x = vec3<f32>(points[3 * index], points[3 * index + 1], points[3 * index + 2]);`;

export const cubeCoordinatesKernel = defineKernel({
  name: 'contraction-cube-forward',
  params: { points: 'u32' },
  buffers: {
    points: read('f32', '[points, 3] scene frame'),
    coordinates: write('f32', '[points, 3] = in [0, 1]'),
    selector: write('f32', '[points] = 0 or 1'),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ points }) => points,
  declarations: contractionFunctions,
  body: /* wgsl */ `
    ${loadPoint}
    let c = cubeCoordinate(x);
    for (var k = 0u; k < 3; k++) { coordinates[3 * index + k] = c[k]; }
    selector[index] = c.w;
  `,
});

export const cubeCoordinatesBackwardKernel = defineKernel({
  name: 'contraction-cube-backward',
  params: { points: 'u32' },
  buffers: {
    points: read('f32', '[points, 3] scene frame'),
    gradCoordinates: read('f32', '[points, 3]'),
    gradPoints: write('f32', '[points, 3] ='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ points }) => points,
  declarations: contractionBackwardFunctions,
  body: /* wgsl */ `
    ${loadPoint}
    let g = vec3<f32>(gradCoordinates[3 * index], gradCoordinates[3 * index + 1], gradCoordinates[3 * index + 2]);
    let gradX = cubeCoordinateBackward(x, g);
    for (var k = 0u; k < 3; k++) { gradPoints[3 * index + k] = gradX[k]; }
  `,
});

export const ballCoordinatesKernel = defineKernel({
  name: 'contraction-ball-forward',
  params: { points: 'u32' },
  buffers: {
    points: read('f32', '[points, 3] scene frame'),
    coordinates: write('f32', '[points, 3] = in [0, 1]'),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ points }) => points,
  declarations: contractionFunctions,
  body: /* wgsl */ `
    ${loadPoint}
    let c = ballCoordinate(x);
    for (var k = 0u; k < 3; k++) { coordinates[3 * index + k] = c[k]; }
  `,
});
