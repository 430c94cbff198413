/**
 * The segmenter that needs no weights: the photo is shrunk, over-segmented by Felzenszwalb-Huttenlocher in CIELAB
 * (graph-segmentation.ts), merged into objects (region-merging.ts), and the regions are enlarged to the photo. Every
 * pixel gets a region; the same photo gives the same map. It knows nothing of objects: what differs strongly in colour
 * and texture inside (a black and white penguin) may come apart, and what does not differ from its surroundings
 * (a grey plush before a grey wall) may run together.
 *
 * The defaults were tuned on photographs of two captures of this project's tests, "fox" (8 photos with hand-drawn
 * polygons) and "desk" (3 photos with roughly outlined things), by a random search for two things at once: a great
 * intersection over union of each thing with its best single region (0.53 and 0.67 on average), and with the union of
 * all regions that lie mostly inside it (0.73), at about 25 regions a photo. "chair" was only looked at.
 */
import { sha256, type ImageCodec } from '../platform/platform.ts';
import { graphSegmentation } from './graph-segmentation.ts';
import { smoothPlanes, toLab } from './lab-planes.ts';
import { resizeRegionMap } from './region-boxes.ts';
import { buildRegionGraph } from './region-features.ts';
import type { RegionMap } from './region-map.ts';
import { mergeRegions } from './region-merging.ts';
import type { Segmenter, SegmenterPhoto } from './segmenter.ts';
import { resolveSegmenterSettings, type SegmenterSettings } from './segmenter-options.ts';

/** Raised whenever the output changes for the same settings, so that cached maps of older versions are not used. */
const algorithmVersion = 1;

export async function createBuiltinSegmenter(
  images: Pick<ImageCodec, 'resize'>,
  given: Readonly<Record<string, unknown>> = {},
): Promise<Segmenter> {
  const settings = resolveSegmenterSettings(given);
  return {
    name: 'builtin',
    identity: await sha256(JSON.stringify({ algorithm: 'builtin', algorithmVersion, settings })),
    cacheable: true,
    async segment(_photoName, photo) {
      const scale = Math.min(1, settings.workingSide / Math.max(photo.width, photo.height));
      const width = Math.max(1, Math.round(photo.width * scale));
      const height = Math.max(1, Math.round(photo.height * scale));
      const full = { width: photo.width, height: photo.height, channels: 3 as const, data: photo.rgb };
      const small = scale < 1 ? await images.resize(full, width, height) : full;
      const map = segmentPhoto({ width, height, rgb: small.data as Uint8Array }, settings);
      return resizeRegionMap(map, photo.width, photo.height);
    },
  };
}

/** Regions 1, 2, … in raster order of their first pixel, at the photo's own size. */
export function segmentPhoto(photo: SegmenterPhoto, settings: SegmenterSettings): RegionMap {
  const lab = toLab(photo.width, photo.height, photo.rgb);
  const fine = graphSegmentation(smoothPlanes(lab, settings.smoothing), {
    scale: settings.fineScale,
    minSize: settings.fineSize,
  });
  const graph = buildRegionGraph(lab, fine, settings.edgeSmoothing);
  const { regionOf } = mergeRegions(graph, settings);
  return { width: photo.width, height: photo.height, ids: fine.labels.map((piece) => regionOf[piece] + 1) };
}
