// CPU kernels of the ray losses (losses.ts), in spacing units. Sums go to f64 cells, unreduced; `scale` carries the
// loss weight and the division by rays and samples into the gradients. The colour loss is fused with the compositing
// (volume-rendering.as.ts).

/**
 * Interlevel loss: WRITES gradProposalWeights [R, M], adds the sum of losses to the f64 at `sum`.
 * edges [R, S + 1], weights [R, S] of the final round (detached); proposalEdges [R, M + 1], proposalWeights [R, M]
 */
export function interlevelLoss(
  rays: i32,
  samples: i32,
  edges: usize,
  weights: usize,
  bins: i32,
  proposalEdges: usize,
  proposalWeights: usize,
  scale: f32,
  gradProposalWeights: usize,
  sum: usize,
): void {
  let total: f64 = 0;
  for (let r = 0; r < rays; r++) {
    memory.fill(gradProposalWeights, 0, bins << 2);
    if (bins > 0) {
      // Both edge lists are sorted: the two cursors only move forward, and neighbouring windows share one bin.
      let low = 0;
      let high = 0;
      for (let i = 0; i < samples; i++) {
        const start = load<f32>(edges + (i << 2));
        const end = load<f32>(edges + (i << 2), 4);
        while (low < bins - 1 && load<f32>(proposalEdges + (low << 2), 4) <= start) low++;
        while (high < bins - 1 && load<f32>(proposalEdges + (high << 2), 4) <= end) high++;
        let outer: f32 = 0;
        for (let k = low; k <= high; k++) outer += load<f32>(proposalWeights + (k << 2));
        const w = load<f32>(weights + (i << 2));
        const excess = w - outer;
        if (excess > 0) {
          const ratio = excess / (w + 1e-7);
          total += <f64>(excess * ratio);
          const grad: f32 = 2 * scale * ratio;
          for (let k = low; k <= high; k++) {
            const p = gradProposalWeights + (k << 2);
            store<f32>(p, load<f32>(p) - grad);
          }
        }
      }
    }
    edges += (samples + 1) << 2;
    weights += samples << 2;
    proposalEdges += (bins + 1) << 2;
    proposalWeights += bins << 2;
    gradProposalWeights += bins << 2;
  }
  store<f64>(sum, load<f64>(sum) + total);
}

/** Distortion loss: ADDS to gradWeights [R, S], adds the sum of losses to the f64 at `sum`. O(S) without cancellation. */
export function distortionLoss(
  rays: i32,
  samples: i32,
  edges: usize,
  weights: usize,
  scale: f32,
  gradWeights: usize,
  sum: usize,
): void {
  const third: f32 = 1.0 / 3.0;
  let total: f64 = 0;
  for (let r = 0; r < rays; r++) {
    let loss: f32 = 0;
    let moment: f32 = 0;
    let mass: f32 = 0;
    let previous: f32 = 0;
    for (let i = 0; i < samples; i++) {
      const p = <usize>i << 2;
      const start = load<f32>(edges + p);
      const end = load<f32>(edges + p, 4);
      const w = load<f32>(weights + p);
      const mid: f32 = 0.5 * (start + end);
      moment += (mid - previous) * mass;
      const own = third * w * (end - start);
      loss += w * (2 * moment + own);
      store<f32>(gradWeights + p, load<f32>(gradWeights + p) + 2 * scale * (moment + own));
      mass += w;
      previous = mid;
    }
    moment = 0;
    mass = 0;
    for (let i = samples - 1; i >= 0; i--) {
      const p = <usize>i << 2;
      const mid: f32 = 0.5 * (load<f32>(edges + p) + load<f32>(edges + p, 4));
      moment += (previous - mid) * mass;
      store<f32>(gradWeights + p, load<f32>(gradWeights + p) + 2 * scale * moment);
      mass += load<f32>(weights + p);
      previous = mid;
    }
    total += <f64>loss;
    edges += (samples + 1) << 2;
    weights += samples << 2;
    gradWeights += samples << 2;
  }
  store<f64>(sum, load<f64>(sum) + total);
}
