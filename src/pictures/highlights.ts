/**
 * Several phrases in one picture: what exceeds the threshold is tinted in the phrase's colour, the more relevant the
 * stronger, and everything else steps back into a darker grey. With nothing to highlight the picture is as it is.
 */

export interface Highlight {
  /** [pixels] relevancy */
  values: ArrayLike<number>;
  /** Red, green, blue, 0 … 255. */
  colour: readonly [number, number, number];
  /** 0 … 1 */
  opacity: number;
}

/** Share of the tint where relevancy only just exceeds the threshold, and where it is largest. */
const tint = { least: 0.25, most: 0.75 };
/** How far the rest loses its colour and its light. */
const rest = { colourless: 0.75, light: 0.6 };

/**
 * @param rgb [pixels, 3] in [0, 1]
 * @returns [pixels, 3] in 0 … 255
 */
export function overlayHighlights(
  rgb: ArrayLike<number>,
  highlights: readonly Highlight[],
  threshold: number,
): Uint8Array {
  const pixels = rgb.length / 3;
  const lit = highlights.map((highlight) => ({ ...highlight, range: largest(highlight.values) - threshold }));
  const active = lit.filter(({ range, opacity }) => range > 0 && opacity > 0);
  const out = new Uint8Array(3 * pixels);
  const pixel: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) pixel[c] = 255 * Math.min(1, Math.max(0, rgb[3 * i + c]));
    if (active.length > 0) shade(pixel, active, i, threshold);
    for (let c = 0; c < 3; c++) out[3 * i + c] = Math.round(pixel[c]);
  }
  return out;
}

function shade(
  pixel: [number, number, number],
  active: readonly (Highlight & { range: number })[],
  index: number,
  threshold: number,
): void {
  let cover = 0;
  for (const { values, opacity } of active) if (values[index] > threshold) cover = Math.max(cover, opacity);
  const luminance = 0.2126 * pixel[0] + 0.7152 * pixel[1] + 0.0722 * pixel[2];
  const back = 1 - cover;
  for (let c = 0; c < 3; c++) {
    const grey = pixel[c] + (luminance - pixel[c]) * rest.colourless * back;
    pixel[c] = grey * (1 - (1 - rest.light) * back);
  }
  for (const { values, colour, opacity, range } of active) {
    const above = values[index] - threshold;
    if (!(above > 0)) continue;
    const share = opacity * (tint.least + (tint.most - tint.least) * (above / range));
    for (let c = 0; c < 3; c++) pixel[c] += (colour[c] - pixel[c]) * share;
  }
}

function largest(values: ArrayLike<number>): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) if (values[i] > most) most = values[i];
  return most;
}
