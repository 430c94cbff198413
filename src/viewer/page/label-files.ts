/** Labels of the present view as files: LERF-OVS JSON, and a LERF-Mask tree in a ZIP, because a download has no folders. */
import { browserImages } from '../../platform/browser/images.ts';
import { fitsFileName, lerfOvsFile, phraseMaskPicture, stemOf } from '../labelling.ts';
import { labelView } from './labels.ts';
import { notice } from './state.ts';
import { save } from './take-away.ts';

export function saveLabelPolygons(): void {
  const view = labelView.value;
  if (view) save(`${stemOf(view.image)}.json`, lerfOvsFile(view), 'application/json');
}

export async function saveLabelMasks(): Promise<void> {
  const view = labelView.value;
  if (!view) return;
  const phrases = [...view.categories.keys()];
  const unfit = phrases.filter((phrase) => !fitsFileName(phrase));
  const stem = stemOf(view.image);
  const masks: Record<string, Uint8Array> = {};
  for (const phrase of phrases)
    if (!unfit.includes(phrase))
      masks[`${stem}/${phrase}.png`] = await browserImages.encodePng(phraseMaskPicture(view, phrase));
  if (Object.keys(masks).length > 0) {
    const { zipSync } = await import('fflate');
    // PNG is compressed already.
    save(`${stem}-masks.zip`, zipSync(masks, { level: 0 }), 'application/zip');
  }
  if (unfit.length > 0)
    notice.value = `No mask of ${unfit.map((phrase) => `“${phrase}”`).join(', ')}: no file can have that name; Labels JSON holds it`;
}
