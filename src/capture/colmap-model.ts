/** A COLMAP reconstruction in memory, as both its binary and its text files give it: world-to-camera, OpenCV axes. */
import type { ColmapCamera } from './colmap-cameras.ts';

export interface ColmapImage {
  id: number;
  /** World-to-camera rotation as a quaternion (w, x, y, z). */
  rotation: [number, number, number, number];
  /** World-to-camera translation. */
  translation: [number, number, number];
  cameraId: number;
  name: string;
  /** Features with their point's id (−1 = none): [n, 3] of x, y, id; only when asked for. */
  observations?: Float64Array;
}

export interface ColmapPoints {
  /** [n]. */
  ids: Float64Array;
  /** [n, 3]. */
  positions: Float64Array;
  /** [n, 3]. */
  colours: Uint8Array;
}

export interface ColmapModel {
  /** The file that lists the images, for messages. */
  imagesFile: string;
  cameras: Map<number, ColmapCamera>;
  images: ColmapImage[];
  points?: ColmapPoints;
}
