/**
 * Blocks of wrapped text: lines break at spaces, words wider than the block break inside, and the size shrinks first
 * when the block would need too many lines. Nothing is ever cut off or replaced by dots.
 */
import type { Image, ImageCodec } from '../platform/platform.ts';
import type { CaptionFont } from './captions.ts';

export interface TextBlock {
  font: CaptionFont;
  /** Pixels per em after shrinking. */
  size: number;
  lines: string[];
  width: number;
  height: number;
}

const leading = 1.3;
const shrinks = [0.95, 0.9, 0.85];

/**
 * Fits text into `width` pixels, in at most `lines` lines if shrinking by up to 15 % can do it, in more lines
 * otherwise. Line breaks in the text are kept.
 */
export function layOutText(font: CaptionFont, text: string, size: number, width: number, lines = 2): TextBlock {
  let fitted = { size, lines: wrapText(font, text, size, width) };
  for (const shrink of shrinks) {
    if (fitted.lines.length <= lines) break;
    const smaller = { size: size * shrink, lines: wrapText(font, text, size * shrink, width) };
    if (smaller.lines.length < fitted.lines.length) fitted = smaller;
  }
  return { font, ...fitted, width, height: Math.ceil(fitted.lines.length * fitted.size * leading) };
}

/** Lines no wider than `width` (unless a single character is). */
export function wrapText(font: CaptionFont, text: string, size: number, width: number): string[] {
  return text.split('\n').flatMap((paragraph) => wrapParagraph(font, paragraph, size, width));
}

function wrapParagraph(font: CaptionFont, paragraph: string, size: number, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(/\s+/).filter((part) => part !== '')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (font.width(joined, size) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = breakWord(font, word, size, width);
    lines.push(...pieces.slice(0, -1));
    line = pieces[pieces.length - 1];
  }
  return [...lines, line];
}

function breakWord(font: CaptionFont, word: string, size: number, width: number): string[] {
  const pieces: string[] = [''];
  for (const character of word) {
    const last = pieces.length - 1;
    if (pieces[last] !== '' && font.width(pieces[last] + character, size) > width) pieces.push(character);
    else pieces[last] += character;
  }
  return pieces;
}

/** Draws the block into an RGB canvas with its top left corner at (x, y); the canvas is changed in place. */
export async function drawTextBlock(
  canvas: Image,
  block: TextBlock,
  x: number,
  y: number,
  options: { colour: string; align: 'left' | 'centre' | 'right' },
  images: Pick<ImageCodec, 'rasteriseSvg'>,
): Promise<void> {
  if (block.lines.every((line) => line === '')) return;
  const { font, size, width, height } = block;
  const share = { left: 0, centre: 0.5, right: 1 }[options.align];
  const inset = (size * (leading - font.ascent - font.descent)) / 2 + size * font.ascent;
  const paths = block.lines.map((line, index) =>
    font.path(line, size, share * (width - font.width(line, size)), inset + index * size * leading),
  );
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<path fill="${options.colour}" d="${paths.join('')}"/></svg>`;
  blend(canvas, await images.rasteriseSvg(svg, width, height), x, y);
}

/** Blends an RGBA picture over an RGB canvas. */
function blend(canvas: Image, overlay: Image, x: number, y: number): void {
  for (let row = Math.max(0, -y); row < Math.min(overlay.height, canvas.height - y); row++)
    for (let col = Math.max(0, -x); col < Math.min(overlay.width, canvas.width - x); col++) {
      const from = 4 * (row * overlay.width + col);
      const alpha = overlay.data[from + 3] / 255;
      if (alpha === 0) continue;
      const to = 3 * ((row + y) * canvas.width + col + x);
      for (let c = 0; c < 3; c++)
        canvas.data[to + c] = Math.round(alpha * overlay.data[from + c] + (1 - alpha) * canvas.data[to + c]);
    }
}
