/** GPU kernels of the spherical harmonics (spherical-harmonics.ts): 16 components of a direction, and their gradient. */
import { defineKernel, read, write } from '../wgsl/kernel.ts';

const loadDirection = /* wgsl */ `
  let x = directions[3 * index];
  let y = directions[3 * index + 1];
  let z = directions[3 * index + 2];
  let xx = x * x;
  let yy = y * y;
  let zz = z * z;
`;

export const sphericalHarmonicsKernel = defineKernel({
  name: 'spherical-harmonics-forward',
  params: { directions: 'u32', stride: 'u32', column: 'u32' },
  buffers: {
    directions: read('f32', '[directions, 3]'),
    components: write('f32', '[directions, stride] columns column … column + 16 ='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ directions }) => directions,
  body: /* wgsl */ `
    ${loadDirection}
    let to = index * params.stride + params.column;
    components[to] = 0.28209479177387814;
    components[to + 1] = -0.4886025119029199 * y;
    components[to + 2] = 0.4886025119029199 * z;
    components[to + 3] = -0.4886025119029199 * x;
    components[to + 4] = 1.0925484305920792 * x * y;
    components[to + 5] = -1.0925484305920792 * y * z;
    components[to + 6] = 0.9461746957575601 * zz - 0.31539156525252005;
    components[to + 7] = -1.0925484305920792 * x * z;
    components[to + 8] = 0.5462742152960396 * (xx - yy);
    components[to + 9] = 0.5900435899266435 * y * (yy - 3.0 * xx);
    components[to + 10] = 2.890611442640554 * x * y * z;
    components[to + 11] = 0.4570457994644658 * y * (1.0 - 5.0 * zz);
    components[to + 12] = 0.3731763325901154 * z * (5.0 * zz - 3.0);
    components[to + 13] = 0.4570457994644658 * x * (1.0 - 5.0 * zz);
    components[to + 14] = 1.445305721320277 * z * (xx - yy);
    components[to + 15] = 0.5900435899266435 * x * (3.0 * yy - xx);
  `,
});

export const sphericalHarmonicsBackwardKernel = defineKernel({
  name: 'spherical-harmonics-backward',
  params: { directions: 'u32', stride: 'u32', column: 'u32' },
  buffers: {
    directions: read('f32', '[directions, 3]'),
    gradComponents: read('f32', '[directions, stride]'),
    gradDirections: write('f32', '[directions, 3] +='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ directions }) => directions,
  body: /* wgsl */ `
    ${loadDirection}
    var g: array<f32, 16>;
    for (var k = 0u; k < 16; k++) { g[k] = gradComponents[index * params.stride + params.column + k]; }
    let degree1 = 0.4886025119029199;
    let degree2 = 1.0925484305920792;
    gradDirections[3 * index] += -degree1 * g[3]
      + degree2 * (y * g[4] - z * g[7] + x * g[8])
      + 0.5900435899266435 * (-6.0 * x * y * g[9] + 3.0 * (yy - xx) * g[15])
      + 2.890611442640554 * (y * z * g[10] + x * z * g[14])
      + 0.4570457994644658 * (1.0 - 5.0 * zz) * g[13];
    gradDirections[3 * index + 1] += -degree1 * g[1]
      + degree2 * (x * g[4] - z * g[5] - y * g[8])
      + 0.5900435899266435 * (3.0 * (yy - xx) * g[9] + 6.0 * x * y * g[15])
      + 2.890611442640554 * (x * z * g[10] - y * z * g[14])
      + 0.4570457994644658 * (1.0 - 5.0 * zz) * g[11];
    gradDirections[3 * index + 2] += degree1 * g[2]
      - degree2 * (y * g[5] + x * g[7])
      + 1.8923493915151202 * z * g[6]
      + 2.890611442640554 * x * y * g[10]
      - 4.570457994644658 * z * (y * g[11] + x * g[13])
      + 0.3731763325901154 * (15.0 * zz - 3.0) * g[12]
      + 1.445305721320277 * (xx - yy) * g[14];
  `,
});
