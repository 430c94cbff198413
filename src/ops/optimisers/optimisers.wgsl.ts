/**
 * GPU kernels of Adam and RAdam (optimisers.ts). One invocation takes four numbers; where their gradients and first
 * moments are all exactly zero nothing would move, and it reads no further than the second moments: most of a hash grid
 * is untouched in a step.
 * Gradients are cleared when they are read. The same three departures as the CPU kernels (optimisers.as.ts): traces of
 * gradients under 4e-18 count as 0, so do first moments under 1e-30, and a gradient that is not finite counts as 0
 * and is counted. As there, weight decay does not move numbers that have had no gradient yet.
 */
import { type GradientSum, gradientOfFunction } from '../wgsl/gradient-sum.wgsl.ts';
import { defineKernel, memoise, write } from '../wgsl/kernel.ts';
import { biasCorrections, type RAdamSettings, rectification } from './optimisers.ts';

/** How gradients lie in memory: float32, or a sum of `gradient-sum.wgsl.ts`, whose 'exchange' is float32 too. */
export type GradientStorage = Exclude<GradientSum, 'exchange'> | 'f32';

/** Below it numbers are denormal: second moments become 0, as on the CPU, or they would never rest. */
const smallestNormal = '1.17549435e-38';

const adamMove = 'params.step * m / (sqrt(v) * params.inverseRoot + params.epsilon)';
/** Without rectification a step is plain momentum. */
const radamMove = `select(
  vec4<f32>(params.step) * m,
  params.step * m * params.factor / (sqrt(v) + params.epsilon),
  params.factor > 0.0)`;

export const optimiserKernel = memoise((rule: 'adam' | 'radam', storage: GradientStorage) =>
  defineKernel({
    name: `optimiser-${rule}-${storage}`,
    params: {
      vectors: 'u32',
      step: 'f32',
      beta1: 'f32',
      beta2: 'f32',
      rest1: 'f32',
      rest2: 'f32',
      inverseRoot: 'f32',
      epsilon: 'f32',
      factor: 'f32',
      weightDecay: 'f32',
      gradientScale: 'f32',
    },
    buffers: {
      gradients: write('vec4<u32>', '[vectors, 4] read, then 0'),
      first: write('vec4<f32>', '[vectors, 4]'),
      second: write('vec4<f32>', '[vectors, 4]'),
      parameters: write('vec4<f32>', '[vectors, 4]'),
      missing: write('atomic<u32>', '[1] += gradients that were not finite'),
    },
    workgroupSize: 64,
    over: 'invocations',
    count: ({ vectors }) => vectors,
    declarations: /* wgsl */ `
      ${gradientOfFunction(storage === 'f32' ? 'exchange' : storage)}
      fn fading(v: vec4<f32>) -> vec4<f32> {
        return select(params.beta2 * v, vec4<f32>(0.0), v < vec4<f32>(${smallestNormal}));
      }
    `,
    body: /* wgsl */ `
      let bits = gradients[index];
      let before = first[index];
      if (all(bits == vec4<u32>(0)) && all(before == vec4<f32>(0.0))) {
        // What rests keeps its place, but its second moment goes on fading, so that the next gradient finds it as it should.
        let resting = second[index];
        if (any(resting != vec4<f32>(0.0))) { second[index] = fading(resting); }
        return;
      }
      gradients[index] = vec4<u32>(0);
      let raw = vec4<f32>(gradientOf(bits.x), gradientOf(bits.y), gradientOf(bits.z), gradientOf(bits.w));
      // By the bits: a compiler may assume that floats are finite.
      let finite = ${
        storage === 'f32' ? '(bits & vec4<u32>(0x7f800000)) != vec4<u32>(0x7f800000)' : 'vec4<bool>(true)'
      };
      let lost = 4 - dot(vec4<u32>(finite), vec4<u32>(1));
      if (lost > 0) { atomicAdd(&missing[0], lost); }
      let p = parameters[index];
      let decayed = select(vec4<f32>(0.0), raw, finite) + params.weightDecay * p;
      let g = select(decayed, vec4<f32>(0.0), abs(decayed) < vec4<f32>(4e-18));
      let moved = params.beta1 * before + params.rest1 * g;
      let m = select(moved, vec4<f32>(0.0), abs(moved) < vec4<f32>(1e-30));
      let v = fading(second[index]) + params.rest2 * g * g;
      first[index] = m;
      second[index] = v;
      parameters[index] = p - ${rule === 'adam' ? adamMove : radamMove};
    `,
  }),
);

/** The scalars of a dispatch over `length` numbers, as the kernel wants them. */
export function optimiserParams(rule: 'adam' | 'radam', length: number, settings: RAdamSettings, gradientScale = 1) {
  const { correction1, correction2 } = biasCorrections(settings);
  const { rate, beta1, beta2, epsilon, step, weightDecay } = settings;
  return {
    vectors: Math.ceil(length / 4),
    step: rate / correction1,
    beta1,
    beta2,
    // 1 − β in float32 would be off by 1e-5 of itself.
    rest1: 1 - beta1,
    rest2: 1 - beta2,
    inverseRoot: 1 / Math.sqrt(correction2),
    epsilon,
    factor: rule === 'radam' ? (rectification(beta2, step) ?? 0) * Math.sqrt(correction2) : 0,
    weightDecay: rule === 'radam' ? weightDecay : 0,
    gradientScale,
  };
}
