/**
 * Camera pose refinement SO3×R3 (spec §4.7). A pose is a tangent vector [t, ω] of 6 numbers per training camera, zero
 * at the start: origin ← origin + t, direction ← R(ω) direction, both in the scene frame; training only.
 *
 *   θ = √max(‖ω‖², 1e-4),  R = I + (sin θ/θ) K + ((1 − cos θ)/θ²) K²,  K = [ω]×
 *
 * Below θ = 0.01 the two factors are constants, and so have no gradient. Plain float64: the engines run this on the
 * host for the rays of a batch.
 */

/** ‖ω‖² below this counts as this. */
export const smallestSquare = 1e-4;

interface RotationFactors {
  /** sin θ/θ and (1 − cos θ)/θ². */
  sine: number;
  cosine: number;
  /** Their derivatives by ‖ω‖². */
  sineSlope: number;
  cosineSlope: number;
}

function rotationFactors(x: number, y: number, z: number): RotationFactors {
  const square = x * x + y * y + z * z;
  const clamped = square < smallestSquare;
  const theta = Math.sqrt(clamped ? smallestSquare : square);
  const sine = Math.sin(theta) / theta;
  const cosine = (1 - Math.cos(theta)) / (theta * theta);
  // d/d(θ²) = (1/2θ) d/dθ
  const sineSlope = clamped ? 0 : (Math.cos(theta) - sine) / (2 * theta * theta);
  const cosineSlope = clamped ? 0 : (sine - 2 * cosine) / (2 * theta * theta);
  return { sine, cosine, sineSlope, cosineSlope };
}

type Matrix3 = [number, number, number, number, number, number, number, number, number];

/** R(ω), row-major; `offset` points at ω within a longer array. */
export function rotationMatrix(omega: ArrayLike<number>, offset = 0): Matrix3 {
  const [x, y, z] = [omega[offset], omega[offset + 1], omega[offset + 2]];
  const { sine: a, cosine: b } = rotationFactors(x, y, z);
  // K² = ω ωᵀ − ‖ω‖² I
  return [
    1 - b * (y * y + z * z),
    b * x * y - a * z,
    b * x * z + a * y,
    b * x * y + a * z,
    1 - b * (x * x + z * z),
    b * y * z - a * x,
    b * x * z - a * y,
    b * y * z + a * x,
    1 - b * (x * x + y * y),
  ];
}

/** Gradient [3] to ω for a cotangent of R (row-major [3, 3]). */
export function rotationMatrixBackward(omega: ArrayLike<number>, gradR: ArrayLike<number>, offset = 0): number[] {
  const w = [omega[offset], omega[offset + 1], omega[offset + 2]];
  const { sine, cosine, sineSlope, cosineSlope } = rotationFactors(w[0], w[1], w[2]);
  const square = w[0] * w[0] + w[1] * w[1] + w[2] * w[2];
  const trace = gradR[0] + gradR[4] + gradR[8];
  // ⟨G, K⟩ = ω · axial(G);  ⟨G, K²⟩ = ωᵀ G ω − ‖ω‖² tr G
  const axial = [gradR[7] - gradR[5], gradR[2] - gradR[6], gradR[3] - gradR[1]];
  const gOmega = [0, 1, 2].map((i) => gradR[3 * i] * w[0] + gradR[3 * i + 1] * w[1] + gradR[3 * i + 2] * w[2]);
  const omegaG = [0, 1, 2].map((i) => gradR[i] * w[0] + gradR[3 + i] * w[1] + gradR[6 + i] * w[2]);
  const alongK = w[0] * axial[0] + w[1] * axial[1] + w[2] * axial[2];
  const alongK2 = w[0] * gOmega[0] + w[1] * gOmega[1] + w[2] * gOmega[2] - square * trace;
  const gradSquare = alongK * sineSlope + alongK2 * cosineSlope;
  return [0, 1, 2].map(
    (i) => sine * axial[i] + cosine * (gOmega[i] + omegaG[i] - 2 * w[i] * trace) + 2 * w[i] * gradSquare,
  );
}

/**
 * Moves the rays of a batch by their cameras' poses. Output arrays may be the input arrays.
 * @param poses [cameras, 6] tangent vectors
 * @param cameras [rays] row of `poses` of each ray
 * @param origins,directions [rays, 3] scene frame
 */
export function refineRays(
  poses: ArrayLike<number>,
  cameras: Uint32Array,
  origins: ArrayLike<number>,
  directions: ArrayLike<number>,
  outOrigins: Float32Array | Float64Array,
  outDirections: Float32Array | Float64Array,
): void {
  const rotations = new Map<number, Matrix3>();
  for (let r = 0; r < cameras.length; r++) {
    const camera = cameras[r];
    let rotation = rotations.get(camera);
    if (!rotation) rotations.set(camera, (rotation = rotationMatrix(poses, 6 * camera + 3)));
    const i = 3 * r;
    const [x, y, z] = [directions[i], directions[i + 1], directions[i + 2]];
    for (let k = 0; k < 3; k++) {
      outOrigins[i + k] = origins[i + k] + poses[6 * camera + k];
      outDirections[i + k] = rotation[3 * k] * x + rotation[3 * k + 1] * y + rotation[3 * k + 2] * z;
    }
  }
}

/**
 * ADDS to gradPoses [cameras, 6] the gradient for cotangents of the refined rays.
 * @param directions [rays, 3] before refinement
 * @param gradOrigins,gradDirections [rays, 3] cotangents of the refined origins and directions
 */
export function poseGradients(
  poses: ArrayLike<number>,
  cameras: Uint32Array,
  directions: ArrayLike<number>,
  gradOrigins: ArrayLike<number>,
  gradDirections: ArrayLike<number>,
  gradPoses: Float32Array | Float64Array,
): void {
  const sums = new Map<number, { translation: Float64Array; rotation: Float64Array }>();
  for (let r = 0; r < cameras.length; r++) {
    let sum = sums.get(cameras[r]);
    if (!sum) sums.set(cameras[r], (sum = { translation: new Float64Array(3), rotation: new Float64Array(9) }));
    for (let k = 0; k < 3; k++) {
      sum.translation[k] += gradOrigins[3 * r + k];
      for (let j = 0; j < 3; j++) sum.rotation[3 * k + j] += gradDirections[3 * r + k] * directions[3 * r + j];
    }
  }
  for (const [camera, { translation, rotation }] of sums) {
    const gradOmega = rotationMatrixBackward(poses, rotation, 6 * camera + 3);
    for (let k = 0; k < 3; k++) {
      gradPoses[6 * camera + k] += translation[k];
      gradPoses[6 * camera + 3 + k] += gradOmega[k];
    }
  }
}

/** Weights of the mean translation and rotation norms in the regulariser. */
export const translationWeight = 1e-2;
export const rotationWeight = 1e-3;

/**
 * Regulariser 1e-2 · mean ‖t‖ + 1e-3 · mean ‖ω‖ over all cameras (norms, not squares; subgradient 0 at 0), with its
 * gradient [cameras, 6].
 */
export function poseRegulariser(poses: ArrayLike<number>): { loss: number; gradPoses: Float64Array } {
  const cameras = poses.length / 6;
  const gradPoses = new Float64Array(poses.length);
  let loss = 0;
  for (let i = 0; i < poses.length; i += 3) {
    const weight = (i % 6 === 0 ? translationWeight : rotationWeight) / cameras;
    const norm = Math.hypot(poses[i], poses[i + 1], poses[i + 2]);
    loss += weight * norm;
    if (norm > 0) for (let k = 0; k < 3; k++) gradPoses[i + k] = (weight * poses[i + k]) / norm;
  }
  return { loss, gradPoses };
}
