/** Point clouds as PLY, binary little-endian: x y z, red green blue, and a relevancy for every point. */

export interface RelevancyCloud {
  /** [points, 3] */
  positions: Float32Array;
  /** [points, 3] sRGB, 0 … 255 */
  colours: Uint8Array;
  /** [points] in (0, 1) */
  relevancy: Float32Array;
}

const pointBytes = 3 * 4 + 3 + 4;

/** @param comments lines of the header; line breaks in them become spaces */
export function encodePly({ positions, colours, relevancy }: RelevancyCloud, comments: readonly string[] = []) {
  const count = relevancy.length;
  const header = new TextEncoder().encode(
    [
      'ply',
      'format binary_little_endian 1.0',
      ...comments.map((comment) => `comment ${comment.replace(/[\r\n]+/g, ' ')}`),
      `element vertex ${count}`,
      ...['x', 'y', 'z'].map((axis) => `property float ${axis}`),
      ...['red', 'green', 'blue'].map((channel) => `property uchar ${channel}`),
      'property float relevancy',
      'end_header\n',
    ].join('\n'),
  );
  const bytes = new Uint8Array(header.length + count * pointBytes);
  bytes.set(header);
  const view = new DataView(bytes.buffer, header.length);
  for (let i = 0; i < count; i++) {
    const at = i * pointBytes;
    for (let axis = 0; axis < 3; axis++) view.setFloat32(at + 4 * axis, positions[3 * i + axis], true);
    for (let c = 0; c < 3; c++) view.setUint8(at + 12 + c, colours[3 * i + c]);
    view.setFloat32(at + 15, relevancy[i], true);
  }
  return bytes;
}
