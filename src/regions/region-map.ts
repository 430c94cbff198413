/** A region map: one integer per pixel of a photo; 0 = unlabelled; ids mean nothing across photos. */
export interface RegionMap {
  width: number;
  height: number;
  /** [height, width] */
  ids: Int32Array;
}

/** Inclusive pixel bounds of one region. */
export interface RegionBox {
  id: number;
  top: number;
  left: number;
  bottom: number;
  right: number;
  /** Pixels with this id. */
  area: number;
}
