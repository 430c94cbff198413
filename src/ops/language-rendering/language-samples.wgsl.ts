/**
 * GPU kernels of the samples that a language field sees (spec §2.1, §2.4, §1.7): from the chosen indices of a ray to grid
 * coordinates, weights and scales. Everything here is a constant of the language losses.
 */
import { contractionFunctions } from '../contraction/contraction.wgsl.ts';
import { middleFunction, rayBuffers, samplePointFunctions } from '../ray-sampling/sample-points.wgsl.ts';
import { defineKernel, read, write } from '../wgsl/kernel.ts';

const sizes = { rays: 'u32', samples: 'u32', chosen: 'u32' } as const;

const chosenSample = 'let ray = index / params.chosen; let s = indices[index];';

/** L2 grid coordinates and weights of the chosen samples. */
export const languageSamplesKernel = defineKernel({
  name: 'language-samples',
  params: sizes,
  buffers: {
    ...rayBuffers,
    weights: read('f32', '[rays, samples]'),
    indices: read('u32', '[rays, chosen]'),
    coordinates: write('f32', '[rays, chosen, 3] = in [0, 1]'),
    chosenWeights: write('f32', '[rays, chosen] ='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays, chosen }) => rays * chosen,
  declarations: contractionFunctions + samplePointFunctions,
  body: /* wgsl */ `
    ${chosenSample}
    let c = ballCoordinate(samplePoint(ray, s));
    for (var k = 0u; k < 3; k++) { coordinates[3 * index + k] = c[k]; }
    chosenWeights[index] = weights[ray * params.samples + s];
  `,
});

/** Training scales u · (H0 / fy0) · d into a column of the CLIP head's input rows; `heightOverFocal` is H0 / fy0. */
export const languageScalesKernel = defineKernel({
  name: 'language-scales',
  params: { ...sizes, stride: 'u32', column: 'u32', heightOverFocal: 'f32' },
  buffers: {
    directions: rayBuffers.directions,
    distances: rayBuffers.distances,
    indices: read('u32', '[rays, chosen]'),
    rayScales: read('f32', '[rays] u in [0, 1)'),
    inputs: write('f32', '[rays, chosen, stride] one column ='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays, chosen }) => rays * chosen,
  declarations: middleFunction,
  body: /* wgsl */ `
    ${chosenSample}
    let direction = vec3<f32>(directions[3 * ray], directions[3 * ray + 1], directions[3 * ray + 2]);
    inputs[index * params.stride + params.column] =
      rayScales[ray] * params.heightOverFocal * middleOf(ray, s) * length(direction);
  `,
});
