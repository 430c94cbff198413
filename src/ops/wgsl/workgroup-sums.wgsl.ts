/**
 * Sums over a workgroup of 64 invocations, always added in the same order on the same device. They hold barriers, so all
 * invocations call them together. A row longer than 64 is walked in pieces of 64 with a carry. A kernel names those that
 * it calls (`KernelSpec.sums`); how they are made is the device's business.
 */

export const sumGroup = 64;

/** How sums are made: in workgroup memory, which every device can, or by subgroups and across them. */
export type SumMethod = 'workgroup' | 'subgroup';

/**
 * - scan(value, lane): the sum of the values before this lane (exact where lane 0 is all there is) and of all.
 * - total(value, lane): the sum of four values each over all lanes.
 */
export type WorkgroupSum = 'scan' | 'total';

const scanStruct = 'struct Scan { before: f32, total: f32 }';

const workgroupFunctions: Record<WorkgroupSum, string> = {
  scan: /* wgsl */ `
${scanStruct}
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
`,
  total: /* wgsl */ `
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
`,
};

/** Subgroups in a workgroup; lanes are taken to lie in them one after the other, which is verified at start-up. */
const subgroupCount = `(${sumGroup - 1} + subgroupWidth) / subgroupWidth`;

const subgroupFunctions: Record<WorkgroupSum, string> = {
  scan: /* wgsl */ `
${scanStruct}
var<workgroup> scanned: array<f32, ${sumGroup}>;
fn scan(value: f32, lane: u32) -> Scan {
  var before = subgroupExclusiveAdd(value);
  let own = subgroupAdd(value);
  let place = lane / subgroupWidth;
  if (placeInSubgroup == 0) { scanned[place] = own; }
  workgroupBarrier();
  var total = 0.0;
  for (var s = 0u; s < ${subgroupCount}; s++) {
    before += select(0.0, scanned[s], s < place);
    total += scanned[s];
  }
  workgroupBarrier();
  return Scan(before, total);
}
`,
  total: /* wgsl */ `
var<workgroup> totals: array<vec4<f32>, ${sumGroup}>;
fn total(value: vec4<f32>, lane: u32) -> vec4<f32> {
  let own = subgroupAdd(value);
  if (placeInSubgroup == 0) { totals[lane / subgroupWidth] = own; }
  workgroupBarrier();
  var sum = totals[0];
  for (var s = 1u; s < ${subgroupCount}; s++) { sum += totals[s]; }
  workgroupBarrier();
  return sum;
}
`,
};

/** What the entry point knows of subgroups, and the statement that keeps it where the functions find it. */
export const subgroupBuiltins = [
  '@builtin(subgroup_size) subgroupSize: u32',
  '@builtin(subgroup_invocation_id) subgroupLane: u32',
] as const;
export const keepSubgroup = 'subgroupWidth = subgroupSize; placeInSubgroup = subgroupLane;';
const keptVariables = 'var<private> subgroupWidth: u32;\nvar<private> placeInSubgroup: u32;';

/** The functions that a kernel asks for. */
export function sumFunctions(sums: readonly WorkgroupSum[], method: SumMethod): string {
  if (method === 'workgroup' || sums.length === 0) return sums.map((sum) => workgroupFunctions[sum]).join('');
  return keptVariables + sums.map((sum) => subgroupFunctions[sum]).join('');
}

/** isMissing(x): x is NaN; by its bits, because a compiler may assume that no float is. */
export const missingFunction = /* wgsl */ `
fn isMissing(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffff) > 0x7f800000; }
`;
