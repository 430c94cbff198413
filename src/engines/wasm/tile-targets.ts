/** The language targets of one tile of rays, as both heads of a language field read them. */

/** Addresses of the tile's targets, laid out as LanguageTargets. */
export interface TileTargets {
  scales: number;
  clip: number;
  valid: number;
  dino: number;
  heightOverFocal: number;
  /** Rays of the whole batch that have a CLIP target. */
  validRays: number;
  batchRays: number;
  /** f64 slots: CLIP, DINO. */
  losses: number;
}
