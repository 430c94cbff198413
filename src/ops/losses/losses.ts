/**
 * Losses of the radiance field (spec §2.6, §4.6) with their gradients. Each function works on one ray and returns the
 * unreduced sum; whoever calls divides by rays and samples. Edges are spacing edges in [0, 1]: S samples, S + 1 edges.
 */

/** Keeps w in the denominator of the interlevel loss away from 0. */
export const interlevelEpsilon = 1e-7;

/** Σ (prediction − target)² and its gradient 2 (prediction − target). */
export function squaredError(
  prediction: ArrayLike<number>,
  target: ArrayLike<number>,
): { loss: number; gradPrediction: Float64Array } {
  let loss = 0;
  const gradPrediction = Float64Array.from(prediction, (p, i) => {
    loss += (p - target[i]) ** 2;
    return 2 * (p - target[i]);
  });
  return { loss, gradPrediction };
}

/** First and last proposal bin that each of the S final bins overlaps, both within [0, M − 1]. */
export function overlappingBins(
  edges: ArrayLike<number>,
  proposalEdges: ArrayLike<number>,
): { first: Int32Array; last: Int32Array } {
  const samples = edges.length - 1;
  const bins = proposalEdges.length - 1;
  const first = new Int32Array(samples);
  const last = new Int32Array(samples);
  // Both edge lists are sorted, so the two cursors only move forward.
  let low = 0;
  let high = 0;
  for (let i = 0; i < samples; i++) {
    while (low < bins - 1 && proposalEdges[low + 1] <= edges[i]) low++;
    while (high < bins - 1 && proposalEdges[high + 1] <= edges[i + 1]) high++;
    first[i] = low;
    last[i] = Math.max(low, high);
  }
  return { first, last };
}

/** W [S]: the proposal's weight on every bin that touches the final bin, an upper bound the proposal must keep. */
export function outerWeights(
  edges: ArrayLike<number>,
  proposalEdges: ArrayLike<number>,
  proposalWeights: ArrayLike<number>,
): Float64Array {
  const { first, last } = overlappingBins(edges, proposalEdges);
  return Float64Array.from(first, (low, i) => {
    let sum = 0;
    for (let k = low; k <= last[i]; k++) sum += proposalWeights[k];
    return sum;
  });
}

/**
 * Interlevel loss Σ_i max(0, w_i − W_i)² / (w_i + ε) of one ray and its gradient to the proposal's weights [M]; the
 * final weights [S] and edges are detached.
 */
export function interlevelLoss(
  edges: ArrayLike<number>,
  weights: ArrayLike<number>,
  proposalEdges: ArrayLike<number>,
  proposalWeights: ArrayLike<number>,
): { loss: number; gradProposalWeights: Float64Array } {
  const { first, last } = overlappingBins(edges, proposalEdges);
  const outer = outerWeights(edges, proposalEdges, proposalWeights);
  const gradProposalWeights = new Float64Array(proposalWeights.length);
  let loss = 0;
  for (let i = 0; i < weights.length; i++) {
    const excess = Math.max(0, weights[i] - outer[i]);
    const scaled = excess / (weights[i] + interlevelEpsilon);
    loss += excess * scaled;
    for (let k = first[i]; k <= last[i]; k++) gradProposalWeights[k] -= 2 * scaled;
  }
  return { loss, gradProposalWeights };
}

/**
 * Distortion loss Σ_ij w_i w_j |m_i − m_j| + ⅓ Σ_i w_i² (t_{i+1} − t_i) of one ray over mid-points m, and its gradient
 * to the weights [S]. O(S): with A_k = Σ_{j<k} w_j (m_k − m_j) the step is A_{k+1} = A_k + (m_{k+1} − m_k) Σ_{j≤k} w_j,
 * a sum of non-negative terms only, so nothing cancels. The edges are detached, since samples are.
 */
export function distortionLoss(
  edges: ArrayLike<number>,
  weights: ArrayLike<number>,
): { loss: number; gradWeights: Float64Array } {
  const samples = weights.length;
  const mid = (i: number) => (edges[i] + edges[i + 1]) / 2;
  const gradWeights = new Float64Array(samples);
  let loss = 0;
  let moment = 0;
  let mass = 0;
  for (let i = 0; i < samples; i++) {
    if (i > 0) moment += (mid(i) - mid(i - 1)) * mass;
    const width = edges[i + 1] - edges[i];
    loss += 2 * weights[i] * moment + (weights[i] ** 2 * width) / 3;
    gradWeights[i] += 2 * moment + (2 / 3) * weights[i] * width;
    mass += weights[i];
  }
  moment = 0;
  mass = 0;
  for (let i = samples - 1; i >= 0; i--) {
    if (i < samples - 1) moment += (mid(i + 1) - mid(i)) * mass;
    gradWeights[i] += 2 * moment;
    mass += weights[i];
  }
  return { loss, gradWeights };
}
