/**
 * From a rendered frame and what the visitor wants to see to one picture: the displays of spec §3.4 as they are
 * everywhere else, and the phrases over the colours, each in its own colour.
 */
import { displayDifference } from '../pictures/difference.ts';
import { displayCentred, displayNormalised, displayRaw } from '../pictures/displays.ts';
import { overlayHighlights } from '../pictures/highlights.ts';
import type { Image } from '../platform/platform.ts';
import { colourPicture, compositedPicture, depthPicture } from '../query/write-answer.ts';
import { type Looks, phraseColours } from './looks.ts';
import type { Frame } from './session/protocol.ts';

type Shown = Pick<Looks, 'phrases' | 'selected' | 'layer' | 'display' | 'threshold'>;

/**
 * @param asked the phrases that the frame answers, in its order
 * @param field index into the frame's fields
 */
export function composePicture(frame: Frame, looks: Shown, asked: readonly string[], field = 0): Image {
  const { appearance } = frame;
  if (looks.layer === 'depth') return depthPicture(appearance);
  if (looks.layer === 'accumulation') return accumulationPicture(appearance);
  if (looks.layer === 'features' && frame.components) return sharesPicture(appearance, frame.components);
  const answers = frame.fields[field]?.phrases;
  // Regions and tiles have a picture of their own, over the rendering.
  if (!['phrases', 'relevancy'].includes(looks.layer) || answers === undefined) return colourPicture(appearance);
  if (looks.layer === 'phrases') return highlightsPicture(frame, looks, asked, field);
  const answer = answers[asked.indexOf(looks.phrases[looks.selected]?.text)];
  if (answer === undefined) return colourPicture(appearance);
  const { width, height } = appearance;
  const map = { width, height, values: answer.relevancy };
  if (looks.display === 'composited') return compositedPicture(answer, { ...appearance, fields: frame.fields });
  if (looks.display === 'normalised') return displayNormalised(map);
  return looks.display === 'centred' ? displayCentred(map) : displayRaw(map);
}

/** Relevancy of the selected phrase in the first field minus that in the second; the plain picture without answers. */
export function composeDifference(frame: Frame, looks: Shown, asked: readonly string[]): Image {
  const { width, height } = frame.appearance;
  const phrase = asked.indexOf(looks.phrases[looks.selected]?.text);
  const [first, second] = frame.fields.map(({ phrases }) => phrases[phrase]?.relevancy);
  if (!first || !second) return colourPicture(frame.appearance);
  return displayDifference({ width, height, values: first }, { width, height, values: second });
}

function accumulationPicture({ width, height, accumulation }: Frame['appearance']): Image {
  const data = Uint8Array.from(accumulation, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
  return { width, height, channels: 1, data };
}

/** @param shares [height, width, 3] in [0, 1] */
function sharesPicture({ width, height }: Frame['appearance'], shares: Float32Array): Image {
  return { width, height, channels: 3, data: Uint8Array.from(shares, (value) => Math.round(255 * value)) };
}

function highlightsPicture(
  { appearance, fields }: Frame,
  looks: Shown,
  asked: readonly string[],
  field: number,
): Image {
  const highlights = looks.phrases.flatMap(({ text, visible, colour, opacity }) => {
    const answer = fields[field].phrases[asked.indexOf(text)];
    if (!visible || answer === undefined || !answer.found) return [];
    return [{ values: answer.relevancy, colour: phraseColours[colour], opacity }];
  });
  const { width, height, rgb } = appearance;
  return { width, height, channels: 3, data: overlayHighlights(rgb, highlights, looks.threshold) };
}
