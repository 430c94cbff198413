/** The counter-based random numbers of math/random.ts in WGSL, bit for bit: the same integers, the same 24-bit floats. */
export const randomFunctions = /* wgsl */ `
fn mixBits(value: u32) -> u32 {
  var x = (value ^ (value >> 16)) * 0x7feb352du;
  x = (x ^ (x >> 15)) * 0x846ca68bu;
  return x ^ (x >> 16);
}
fn randomBits(seed: u32, stream: u32, a: u32, b: u32, c: u32) -> u32 {
  var h = mixBits(seed ^ 0x9e3779b9u);
  h = mixBits(h + (stream + 1) * 0x85ebca6bu);
  h = mixBits(h + (a + 1) * 0xc2b2ae35u);
  h = mixBits(h + (b + 1) * 0x27d4eb2fu);
  return mixBits(h + (c + 1) * 0x165667b1u);
}
fn randomUniform(seed: u32, stream: u32, a: u32, b: u32, c: u32) -> f32 {
  return f32(randomBits(seed, stream, a, b, c) >> 8) / 16777216.0;
}
`;
