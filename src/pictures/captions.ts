/**
 * Text in pictures. Rasterisers on users' machines have no font to rely on, so captions are drawn as outlines of
 * Inter (SIL Open Font License, npm package @fontsource/inter): Latin, Greek and Cyrillic, without kerning.
 * Not a shaping engine: right-to-left and joined scripts show as empty boxes.
 */
import * as opentypeModule from 'opentype.js';
import { LangfieldError } from '../errors.ts';
import { type FileSystem, joinPath } from '../platform/platform.ts';

// Node sees the package as one default export, bundlers see the names themselves.
const opentype = ('default' in opentypeModule ? opentypeModule.default : opentypeModule) as typeof opentypeModule;

export interface CaptionFont {
  /** Height above and depth below the baseline for size 1. */
  ascent: number;
  descent: number;
  /** Width of one line of text in pixels at a size in pixels per em. */
  width(text: string, size: number): number;
  /** SVG path data of one line with its baseline starting at (x, y). */
  path(text: string, size: number, x: number, y: number): string;
}

export interface CaptionFonts {
  regular: CaptionFont;
  bold: CaptionFont;
}

/** What loading fonts needs of the platform. */
export interface FontSource {
  files: Pick<FileSystem, 'readBytes' | 'stat'>;
  packagePath(relative: string): string;
}

/** Subsets of the font, tried in this order for every character. */
const subsets = ['latin', 'latin-ext', 'greek', 'cyrillic'];

/** Reads the caption fonts; a LangfieldError when the package is not installed properly. */
export async function loadFonts(source: FontSource): Promise<CaptionFonts> {
  const folder = await fontFolder(source);
  const load = async (weight: number) => {
    const faces = subsets.map(async (subset) => {
      const path = `${folder}/inter-${subset}-${weight}-normal.woff`;
      return parseFont(await source.files.readBytes(path), path);
    });
    return captionFont(await Promise.all(faces));
  };
  return { regular: await load(400), bold: await load(600) };
}

/** npm puts dependencies inside the package when it is the root of an installation and beside it otherwise. */
async function fontFolder(source: FontSource): Promise<string> {
  const candidates = ['node_modules', '..'].map((above) =>
    joinPath(source.packagePath(`${above}/@fontsource/inter/files`)),
  );
  for (const folder of candidates) if (await source.files.stat(folder)) return folder;
  throw new LangfieldError({
    problem: 'the caption font is not installed',
    file: candidates[0],
    expected: 'the npm package @fontsource/inter',
    advice: 'Run npm install again',
  });
}

function parseFont(bytes: Uint8Array, path: string): opentypeModule.Font {
  try {
    return opentype.parse(bytes.slice().buffer);
  } catch (error) {
    throw new LangfieldError(
      { problem: 'the caption font cannot be read', file: path, advice: 'Run npm install again' },
      { cause: error },
    );
  }
}

/** Glyph by glyph: the library's own layout refuses some substitution tables of this font. */
function captionFont(faces: opentypeModule.Font[]): CaptionFont {
  const glyphOf = (character: string) => {
    const face = faces.find((candidate) => candidate.charToGlyphIndex(character) > 0) ?? faces[0];
    return { glyph: face.charToGlyph(character), unit: 1 / face.unitsPerEm };
  };
  const advance = (character: string) => {
    const { glyph, unit } = glyphOf(character);
    return (glyph.advanceWidth ?? 0) * unit;
  };
  return {
    ascent: faces[0].ascender / faces[0].unitsPerEm,
    descent: -faces[0].descender / faces[0].unitsPerEm,
    width: (text, size) => size * [...text].reduce((sum, character) => sum + advance(character), 0),
    path(text, size, x, y) {
      let pen = x;
      let data = '';
      for (const character of text) {
        data += pathData(glyphOf(character).glyph.getPath(pen, y, size).commands);
        pen += size * advance(character);
      }
      return data;
    },
  };
}

/** The library's own serialiser writes NaN for coordinates such as 1e-15. */
function pathData(commands: readonly opentypeModule.PathCommand[]): string {
  const point = (x: number, y: number) => `${x.toFixed(2)} ${y.toFixed(2)}`;
  const parts = commands.map((command) => {
    if (command.type === 'Z') return 'Z';
    const end = point(command.x, command.y);
    if (command.type === 'Q') return `Q${point(command.x1, command.y1)} ${end}`;
    if (command.type === 'C') return `C${point(command.x1, command.y1)} ${point(command.x2, command.y2)} ${end}`;
    return command.type + end;
  });
  return parts.join('');
}

/** SVG path data of a caption whose top left corner is (0, 0); draw it with any fill. */
export function captionPaths(font: CaptionFont, text: string, size: number): string {
  return font.path(text, size, 0, size * font.ascent);
}
