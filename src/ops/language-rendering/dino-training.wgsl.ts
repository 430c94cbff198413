/**
 * GPU kernels of the DINO loss with the head's last layer after the ray's sum (savings A8; spec §2.5, §2.6): hidden
 * activations summed along the ray, the loss of the rendered features, and the way back.
 */
import { defineKernel, read, write } from '../wgsl/kernel.ts';
import { missingFunction, sumGroup } from '../wgsl/workgroup-sums.wgsl.ts';

/** rayHidden [rays, width] = Σ w h. */
export const weightedSumKernel = defineKernel({
  name: 'weighted-sum-forward',
  params: { rays: 'u32', chosen: 'u32', width: 'u32' },
  buffers: {
    hidden: read('f32', '[rays, chosen, width]'),
    weights: read('f32', '[rays, chosen]'),
    rayHidden: write('f32', '[rays, width] ='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays, width }) => rays * width,
  body: /* wgsl */ `
    let ray = index / params.width;
    let i = index % params.width;
    var sum = 0.0;
    for (var j = ray * params.chosen; j < (ray + 1) * params.chosen; j++) {
      sum += weights[j] * hidden[j * params.width + i];
    }
    rayHidden[index] = sum;
  `,
});

/** gradHidden = w · gradRayHidden, cut off where the sample's ReLU was. */
export const weightedSumBackwardKernel = defineKernel({
  name: 'weighted-sum-backward',
  params: { points: 'u32', chosen: 'u32', width: 'u32' },
  buffers: {
    hidden: read('f32', '[rays, chosen, width] after the ReLU'),
    weights: read('f32', '[rays, chosen]'),
    gradRayHidden: read('f32', '[rays, width]'),
    gradHidden: write('f32', '[rays, chosen, width] = before the ReLU'),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ points, width }) => points * width,
  body: /* wgsl */ `
    let point = index / params.width;
    let gradient = weights[point] * gradRayHidden[point / params.chosen * params.width + index % params.width];
    gradHidden[index] = select(0.0, gradient, hidden[index] > 0.0);
  `,
});

/** Squared error of every ray whose target holds no NaN; its gradient without the mean. 0 for the other rays. */
export const featureErrorKernel = defineKernel({
  name: 'feature-error',
  params: { rays: 'u32', dim: 'u32' },
  buffers: {
    features: read('f32', '[rays, dim] rendered'),
    targets: read('f32', '[rays, dim]'),
    counted: write('f32', '[rays] = 0 or 1'),
    losses: write('f32', '[rays] ='),
    gradFeatures: write('f32', '[rays, dim] = 2 (features − targets)'),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count: ({ rays }) => rays,
  sums: ['total'],
  declarations: missingFunction,
  body: /* wgsl */ `
    var own = vec4<f32>(0.0);
    for (var c = group * params.dim + lane; c < (group + 1) * params.dim; c += workgroupSize) {
      if (isMissing(targets[c])) {
        own.y += 1.0;
      } else {
        own.x += (features[c] - targets[c]) * (features[c] - targets[c]);
      }
    }
    let sum = total(own, lane);
    let counts = sum.y == 0.0;
    for (var c = group * params.dim + lane; c < (group + 1) * params.dim; c += workgroupSize) {
      gradFeatures[c] = select(0.0, 2.0 * (features[c] - targets[c]), counts);
    }
    if (lane == 0) {
      counted[group] = select(0.0, 1.0, counts);
      losses[group] = select(0.0, sum.x, counts);
    }
  `,
});

/** values /= sums[countSlot]; 0 when nothing was counted. */
export const divideByCountKernel = defineKernel({
  name: 'divide-by-count',
  params: { length: 'u32', countSlot: 'u32' },
  buffers: { sums: read('f32', '[slots]'), values: write('f32', '[length] in place') },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ length }) => length,
  body: /* wgsl */ `
    let count = sums[params.countSlot];
    values[index] = select(0.0, values[index] / count, count > 0.0);
  `,
});
