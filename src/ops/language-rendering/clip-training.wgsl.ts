/**
 * GPU kernels of the CLIP loss in the hidden space of the head (factored.ts, savings A1-A5). Products with the Gram
 * matrix G, with the last layer and all sums over samples into matrices are dense products (ops/mlp); the kernels here
 * are what lies in between. Order of a step:
 *
 *   Gh = h G;  norms, H ← hiddenRendering;  GH = H G;  q = g Wᵀ;  per ray E, p, loss ← clipRayLosses;
 *   sums of losses and counts;  dH and the scaled vectors of dW ← clipRayBackward;  dh ← clipSampleBackward
 *
 * and dW = (scaled H)ᵀ g + S W with S = Σ (scaled h)ᵀ h + Σ (scaled H)ᵀ H.
 */
import { defineKernel, read, write } from '../wgsl/kernel.ts';
import { missingFunction, sumGroup } from '../wgsl/workgroup-sums.wgsl.ts';
import { clipLossWeight, zeroNorm } from './language-rendering.ts';

/** Most samples of a ray that the kernels hold in shared memory. */
export const maxChosen = 256;

function checkChosen(chosen: number): void {
  if (chosen > maxChosen) throw new Error(`${chosen} language samples per ray; the kernel holds ${maxChosen}`);
}

/** targets [rays, dim] = Σ shares · halves over eight corners; corners without a share are not read. */
export const blendCornersKernel = defineKernel({
  name: 'blend-corners',
  params: { rays: 'u32', dim: 'u32' },
  buffers: {
    halves: read('u32', '[rays, 8, dim] two halves to a word'),
    shares: read('f32', '[rays, 8]'),
    targets: write('f32', '[rays, dim] ='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays, dim }) => rays * dim,
  body: /* wgsl */ `
    let ray = index / params.dim;
    var sum = 0.0;
    for (var corner = 0u; corner < 8; corner++) {
      let share = shares[8 * ray + corner];
      if (share == 0.0) { continue; }
      let at = (8 * ray + corner) * params.dim + index % params.dim;
      let pair = unpack2x16float(halves[at / 2]);
      sum += share * select(pair.x, pair.y, at % 2 == 1);
    }
    targets[index] = sum;
  `,
});

/** Squared length of every target; a target that is not valid or holds NaN becomes zero and not valid. */
export const clipTargetsKernel = defineKernel({
  name: 'clip-targets',
  params: { rays: 'u32', dim: 'u32' },
  buffers: {
    targets: write('f32', '[rays, dim] unusable rows = 0'),
    valid: write('u32', '[rays] 0 or 1'),
    squares: write('f32', '[rays] ='),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count: ({ rays }) => rays,
  sums: ['total'],
  declarations: missingFunction,
  body: /* wgsl */ `
    var own = vec4<f32>(0.0);
    for (var c = lane; c < params.dim; c += workgroupSize) {
      let value = targets[group * params.dim + c];
      if (isMissing(value)) { own.y += 1.0; } else { own.x += value * value; }
    }
    let sum = total(own, lane);
    let usable = valid[group] != 0 && sum.y == 0.0;
    if (!usable) {
      for (var c = lane; c < params.dim; c += workgroupSize) { targets[group * params.dim + c] = 0.0; }
    }
    workgroupBarrier();
    if (lane == 0) {
      valid[group] = select(0u, 1u, usable);
      squares[group] = select(0.0, sum.x, usable);
    }
  `,
});

/** H [rays, width] = Σ (w / n) h with n = √(h · Gh) of every sample, which is kept. */
export const hiddenRenderingKernel = defineKernel({
  name: 'hidden-rendering-forward',
  params: { rays: 'u32', chosen: 'u32', width: 'u32' },
  buffers: {
    hidden: read('f32', '[rays, chosen, width] last hidden activations'),
    gramHidden: read('f32', '[rays, chosen, width] Gh'),
    weights: read('f32', '[rays, chosen]'),
    norms: write('f32', '[rays, chosen] ='),
    rayHidden: write('f32', '[rays, width] ='),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count({ rays, chosen }) {
    checkChosen(chosen);
    return rays;
  },
  sums: ['total'],
  declarations: `var<workgroup> shares: array<f32, ${maxChosen}>;`,
  body: /* wgsl */ `
    for (var j = 0u; j < params.chosen; j++) {
      let at = (group * params.chosen + j) * params.width;
      var own = vec4<f32>(0.0);
      for (var i = lane; i < params.width; i += workgroupSize) { own.x += hidden[at + i] * gramHidden[at + i]; }
      let sum = total(own, lane);
      if (lane == 0) {
        let norm = sqrt(max(0.0, sum.x));
        norms[group * params.chosen + j] = norm;
        shares[j] = select(0.0, weights[group * params.chosen + j] / norm, norm > ${zeroNorm});
      }
    }
    workgroupBarrier();
    for (var i = lane; i < params.width; i += workgroupSize) {
      var sum = 0.0;
      for (var j = 0u; j < params.chosen; j++) {
        sum += shares[j] * hidden[(group * params.chosen + j) * params.width + i];
      }
      rayHidden[group * params.width + i] = sum;
    }
  `,
});

/** E = √(H · GH), p = q · H / E and the loss ½ (1 + ‖g‖² − 2p) of every ray that counts; 0 for the others. */
export const clipRayLossesKernel = defineKernel({
  name: 'clip-ray-losses',
  params: { rays: 'u32', width: 'u32' },
  buffers: {
    rayHidden: read('f32', '[rays, width] H'),
    gramRayHidden: read('f32', '[rays, width] GH'),
    projected: read('f32', '[rays, width] q'),
    valid: read('u32', '[rays]'),
    squares: read('f32', '[rays] squared lengths of the targets'),
    lengths: write('f32', '[rays, 2] = E, p'),
    counted: write('f32', '[rays] = 0 or 1'),
    losses: write('f32', '[rays] = without the weight of the loss'),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count: ({ rays }) => rays,
  sums: ['total'],
  body: /* wgsl */ `
    var own = vec4<f32>(0.0);
    for (var i = group * params.width + lane; i < (group + 1) * params.width; i += workgroupSize) {
      own += vec4<f32>(rayHidden[i] * gramRayHidden[i], rayHidden[i] * projected[i], 0.0, 0.0);
    }
    let sum = total(own, lane);
    if (lane != 0) { return; }
    let norm = sqrt(max(0.0, sum.x));
    let counts = valid[group] != 0 && norm > ${zeroNorm};
    let p = select(0.0, sum.y / norm, counts);
    lengths[2 * group] = norm;
    lengths[2 * group + 1] = p;
    counted[group] = select(0.0, 1.0, counts);
    losses[group] = select(0.0, 0.5 * (1.0 + squares[group] - 2.0 * p), counts);
  `,
});

/**
 * dH = −c (q / E − p GH / E²) of every ray, in place of q; the vectors of the ray's part of dW: −c H / E in place of GH,
 * and c p / E² H. c = 0.1 / counted rays.
 */
export const clipRayBackwardKernel = defineKernel({
  name: 'clip-ray-backward',
  params: { rays: 'u32', width: 'u32', countSlot: 'u32' },
  buffers: {
    rayHidden: read('f32', '[rays, width] H'),
    lengths: read('f32', '[rays, 2] E, p'),
    counted: read('f32', '[rays]'),
    sums: read('f32', '[slots] sums[countSlot] = counted rays'),
    gradRayHidden: write('f32', '[rays, width] q, then dH'),
    towardsTarget: write('f32', '[rays, width] GH, then −c H / E'),
    towardsSelf: write('f32', '[rays, width] = c p / E² H'),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays, width }) => rays * width,
  body: /* wgsl */ `
    let ray = index / params.width;
    let E = lengths[2 * ray];
    let p = lengths[2 * ray + 1];
    if (counted[ray] == 0.0) {
      gradRayHidden[index] = 0.0;
      towardsTarget[index] = 0.0;
      towardsSelf[index] = 0.0;
      return;
    }
    let c = ${clipLossWeight} / sums[params.countSlot];
    let bend = c * p / (E * E);
    gradRayHidden[index] = bend * towardsTarget[index] - c / E * gradRayHidden[index];
    towardsTarget[index] = -c / E * rayHidden[index];
    towardsSelf[index] = bend * rayHidden[index];
  `,
});

/**
 * dh = (w / n) dH − (w / n³)(h · dH) Gh of every sample, cut off where its ReLU was; −(w / n³)(h · dH) h in place of Gh.
 */
export const clipSampleBackwardKernel = defineKernel({
  name: 'clip-sample-backward',
  params: { points: 'u32', chosen: 'u32', width: 'u32' },
  buffers: {
    hidden: read('f32', '[rays, chosen, width]'),
    weights: read('f32', '[rays, chosen]'),
    norms: read('f32', '[rays, chosen]'),
    gradRayHidden: read('f32', '[rays, width] dH'),
    scaled: write('f32', '[rays, chosen, width] Gh, then the vectors of dW'),
    gradHidden: write('f32', '[rays, chosen, width] = before the ReLU'),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count: ({ points }) => points,
  sums: ['total'],
  body: /* wgsl */ `
    let ray = group / params.chosen;
    var own = vec4<f32>(0.0);
    for (var i = lane; i < params.width; i += workgroupSize) {
      own.x += hidden[group * params.width + i] * gradRayHidden[ray * params.width + i];
    }
    let along = total(own, lane).x;
    let norm = norms[group];
    let share = select(0.0, weights[group] / norm, norm > ${zeroNorm});
    let bend = select(0.0, share / norm * along / norm, norm > ${zeroNorm});
    for (var i = lane; i < params.width; i += workgroupSize) {
      let at = group * params.width + i;
      let h = hidden[at];
      let gradient = share * gradRayHidden[ray * params.width + i] - bend * scaled[at];
      gradHidden[at] = select(0.0, gradient, h > 0.0);
      scaled[at] = -bend * h;
    }
  `,
});
