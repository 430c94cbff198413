/**
 * Sums of gradients that many invocations add to at once. WGSL has no float atomics; a sum is 32 bits in memory,
 * whatever the method, so that the kernels and the optimiser take either:
 *
 * - 'fixed': signed fixed point with `gradientScale` steps per unit. One atomic addition; the same bits in any order of
 *   additions; a sum beyond ±2³¹ / gradientScale wraps, and what is below half a step is lost.
 * - 'exchange': float32, by compare-and-exchange in a loop. Full range; the rounding depends on the order.
 *
 * A gradient that is not finite adds nothing with 'fixed', and stays visible with 'exchange'.
 */

export type GradientSum = 'fixed' | 'exchange';

/** addGradient(at, value) on the buffer `sums` of element atomic<u32>; reads `params.gradientScale`. */
export function addGradientFunction(method: GradientSum, sums: string): string {
  if (method === 'fixed')
    return /* wgsl */ `
fn addGradient(at: u32, value: f32) {
  let steps = value * params.gradientScale;
  // Comparisons with NaN are false: only finite steps inside the range count.
  if (abs(steps) >= 0.5 && abs(steps) < 1e9) { atomicAdd(&${sums}[at], bitcast<u32>(i32(round(steps)))); }
}
`;
  return /* wgsl */ `
fn addGradient(at: u32, value: f32) {
  if (value == 0.0) { return; }
  var old = atomicLoad(&${sums}[at]);
  loop {
    let result = atomicCompareExchangeWeak(&${sums}[at], old, bitcast<u32>(bitcast<f32>(old) + value));
    if (result.exchanged) { break; }
    old = result.old_value;
  }
}
`;
}

/** gradientOf(bits): the value of a sum; reads `params.gradientScale`. */
export function gradientOfFunction(method: GradientSum): string {
  return method === 'fixed'
    ? 'fn gradientOf(bits: u32) -> f32 { return f32(bitcast<i32>(bits)) / params.gradientScale; }'
    : 'fn gradientOf(bits: u32) -> f32 { return bitcast<f32>(bits); }';
}
