/**
 * What training asks of the pyramid: targets of single rays. Coordinates are integer pixels of the photo at the
 * resolution the pyramid was built on.
 */
export interface LanguageSupervision {
  readonly clipDim: number;
  /** 0 = no dense features. */
  readonly dinoDim: number;
  /** Resolution the pyramid of a photo was built on. */
  photoSize(photo: number): { width: number; height: number };
  /**
   * Writes the CLIP target of scale bin β + ω (spec §1.5, §1.6; prior 'full': spec §5.4) to out[offset …+clipDim].
   * Returns false when the ray has no target (unlabelled pixel under 'full').
   */
  lookupClip(
    photo: number,
    row: number,
    col: number,
    bin: number,
    omega: number,
    out: Float32Array,
    offset: number,
  ): boolean;
  /**
   * The same target before it is blended: its eight embeddings as halves to halves[8 · clipDim · ray …], their shares to
   * shares[8 · ray …]. Embeddings without a share are left as they were.
   */
  lookupCorners?(
    photo: number,
    row: number,
    col: number,
    bin: number,
    omega: number,
    halves: Uint16Array,
    shares: Float32Array,
    ray: number,
  ): boolean;
  /** Writes the dense target (spec §1.8). */
  lookupDino(photo: number, row: number, col: number, out: Float32Array, offset: number): void;
}
