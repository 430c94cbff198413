/**
 * GPU kernels of pose refinement (pose-refinement.ts): rays moved by their cameras' poses, and the gradient of the poses
 * with their regulariser. In float32 the closed forms of the two rotation factors cancel for small angles, so below one
 * radian, where poses live, their power series in θ² stand in.
 */
import { defineKernel, read, write } from '../wgsl/kernel.ts';
import { sumGroup } from '../wgsl/workgroup-sums.wgsl.ts';
import { rotationWeight, smallestSquare, translationWeight } from './pose-refinement.ts';

/** rotationOf(ω): R(ω) as columns of WGSL, and the factors sin θ/θ, (1 − cos θ)/θ² with their slopes by ‖ω‖². */
const rotationFunctions = /* wgsl */ `
struct Factors { sine: f32, cosine: f32, sineSlope: f32, cosineSlope: f32 }
fn rotationFactors(omega: vec3<f32>) -> Factors {
  let square = dot(omega, omega);
  let x = max(square, ${smallestSquare});
  var factors: Factors;
  if (x < 1.0) {
    factors = Factors(
      1.0 - x / 6.0 * (1.0 - x / 20.0 * (1.0 - x / 42.0 * (1.0 - x / 72.0))),
      0.5 - x / 24.0 * (1.0 - x / 30.0 * (1.0 - x / 56.0 * (1.0 - x / 90.0))),
      -1.0 / 6.0 + x / 60.0 - x * x / 1680.0 + x * x * x / 90720.0,
      -1.0 / 24.0 + x / 360.0 - x * x / 13440.0 + x * x * x / 907200.0);
  } else {
    let theta = sqrt(x);
    let sine = sin(theta) / theta;
    let cosine = (1.0 - cos(theta)) / x;
    factors = Factors(sine, cosine, (cos(theta) - sine) / (2.0 * x), (sine - 2.0 * cosine) / (2.0 * x));
  }
  if (square < ${smallestSquare}) { factors.sineSlope = 0.0; factors.cosineSlope = 0.0; }
  return factors;
}
fn rotated(omega: vec3<f32>, d: vec3<f32>) -> vec3<f32> {
  let factors = rotationFactors(omega);
  let once = cross(omega, d);
  return d + factors.sine * once + factors.cosine * cross(omega, once);
}
`;

export const refineRaysKernel = defineKernel({
  name: 'refine-rays',
  params: { rays: 'u32' },
  buffers: {
    poses: read('f32', '[cameras, 6] translation, rotation'),
    cameras: read('u32', '[rays]'),
    origins: read('f32', '[rays, 3] scene units'),
    directions: read('f32', '[rays, 3]'),
    refinedOrigins: write('f32', '[rays, 3] ='),
    refinedDirections: write('f32', '[rays, 3] ='),
  },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ rays }) => rays,
  declarations: rotationFunctions,
  body: /* wgsl */ `
    let pose = 6 * cameras[index];
    let omega = vec3<f32>(poses[pose + 3], poses[pose + 4], poses[pose + 5]);
    let d = rotated(omega, vec3<f32>(directions[3 * index], directions[3 * index + 1], directions[3 * index + 2]));
    for (var k = 0u; k < 3; k++) {
      refinedOrigins[3 * index + k] = origins[3 * index + k] + poses[pose + k];
      refinedDirections[3 * index + k] = d[k];
    }
  `,
});

/**
 * Gradient of the poses for cotangents of the refined rays, plus the regulariser's; one workgroup per camera looks
 * through all rays for its own, so sums have one order and need no atomics.
 */
export const poseBackwardKernel = defineKernel({
  name: 'pose-backward',
  params: { rays: 'u32', cameras: 'u32' },
  buffers: {
    poses: read('f32', '[cameras, 6]'),
    rayCameras: read('u32', '[rays]'),
    directions: read('f32', '[rays, 3] before refinement'),
    gradOrigins: read('f32', '[rays, 3] of the refined rays'),
    gradDirections: read('f32', '[rays, 3] of the refined rays'),
    gradPoses: write('f32', '[cameras, 6] +='),
    losses: write('f32', '[cameras] = regulariser, its part of the mean'),
  },
  workgroupSize: sumGroup,
  over: 'groups',
  count: ({ cameras }) => cameras,
  sums: ['total'],
  declarations: rotationFunctions,
  body: /* wgsl */ `
    // Row k of dL/dR is the sum of gradDirection[k] · direction; its fourth number is the translation's gradient.
    var own: array<vec4<f32>, 3>;
    for (var ray = lane; ray < params.rays; ray += workgroupSize) {
      if (rayCameras[ray] != group) { continue; }
      let d = vec3<f32>(directions[3 * ray], directions[3 * ray + 1], directions[3 * ray + 2]);
      for (var k = 0u; k < 3; k++) {
        own[k] += vec4<f32>(gradDirections[3 * ray + k] * d, gradOrigins[3 * ray + k]);
      }
    }
    let g0 = total(own[0], lane);
    let g1 = total(own[1], lane);
    let g2 = total(own[2], lane);
    if (lane != 0) { return; }
    let at = 6 * group;
    let t = vec3<f32>(poses[at], poses[at + 1], poses[at + 2]);
    let w = vec3<f32>(poses[at + 3], poses[at + 4], poses[at + 5]);
    let factors = rotationFactors(w);
    // ⟨G, K⟩ = ω · axial(G);  ⟨G, K²⟩ = ωᵀ G ω − ‖ω‖² tr G
    let axial = vec3<f32>(g2.y - g1.z, g0.z - g2.x, g1.x - g0.y);
    let trace = g0.x + g1.y + g2.z;
    let gOmega = vec3<f32>(dot(g0.xyz, w), dot(g1.xyz, w), dot(g2.xyz, w));
    let omegaG = w.x * g0.xyz + w.y * g1.xyz + w.z * g2.xyz;
    let gradSquare = dot(w, axial) * factors.sineSlope + (dot(w, gOmega) - dot(w, w) * trace) * factors.cosineSlope;
    let gradOmega = factors.sine * axial + factors.cosine * (gOmega + omegaG - 2.0 * trace * w) + 2.0 * gradSquare * w;
    let perCamera = 1.0 / f32(params.cameras);
    let tNorm = length(t);
    let wNorm = length(w);
    let gradT = vec3<f32>(g0.w, g1.w, g2.w) + select(vec3<f32>(0.0), ${translationWeight} * perCamera / tNorm * t, tNorm > 0.0);
    let gradW = gradOmega + select(vec3<f32>(0.0), ${rotationWeight} * perCamera / wNorm * w, wNorm > 0.0);
    for (var k = 0u; k < 3; k++) {
      gradPoses[at + k] += gradT[k];
      gradPoses[at + 3 + k] += gradW[k];
    }
    losses[group] = perCamera * (${translationWeight} * tNorm + ${rotationWeight} * wNorm);
  `,
});
