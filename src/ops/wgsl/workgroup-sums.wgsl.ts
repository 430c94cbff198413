/**
 * Sums over a workgroup of 64 invocations, in shared memory, always added in the same order. They hold barriers, so all
 * invocations call them together. A row longer than 64 is walked in pieces of 64 with a carry.
 */

export const sumGroup = 64;

/** scan(value, lane): the sum of the values before this lane (exact where lane 0 is all there is) and of all. */
export const scanFunction = /* wgsl */ `
struct Scan { before: f32, total: f32 }
var<workgroup> scanned: array<f32, ${2 * sumGroup}>;
fn scan(value: f32, lane: u32) -> Scan {
  var side = 0u;
  scanned[lane] = value;
  workgroupBarrier();
  for (var reach = 1u; reach < ${sumGroup}; reach *= 2) {
    var sum = scanned[side + lane];
    if (lane >= reach) { sum += scanned[side + lane - reach]; }
    side = ${sumGroup} - side;
    scanned[side + lane] = sum;
    workgroupBarrier();
  }
  // The value itself is not subtracted from a sum that includes it: that would lose small sums before a large value.
  let before = select(scanned[side + max(lane, 1) - 1], 0.0, lane == 0);
  let total = scanned[side + ${sumGroup - 1}];
  workgroupBarrier();
  return Scan(before, total);
}
`;

/** total(value, lane): the sum of four values each over all lanes. */
export const totalFunction = /* wgsl */ `
var<workgroup> totals: array<vec4<f32>, ${sumGroup}>;
fn total(value: vec4<f32>, lane: u32) -> vec4<f32> {
  totals[lane] = value;
  workgroupBarrier();
  for (var reach = ${sumGroup / 2}u; reach > 0; reach /= 2) {
    if (lane < reach) { totals[lane] += totals[lane + reach]; }
    workgroupBarrier();
  }
  let sum = totals[0];
  workgroupBarrier();
  return sum;
}
`;

/** isMissing(x): x is NaN; by its bits, because a compiler may assume that no float is. */
export const missingFunction = /* wgsl */ `
fn isMissing(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffff) > 0x7f800000; }
`;
