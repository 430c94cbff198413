/**
 * The encoder interface: images and texts into one space. Implementations return unit vectors; callers never
 * need to know the model. Dense features (DINO's role) are a second, optional service of the same encoder.
 */

/** Square RGB tiles, all of one side, interleaved: [count, side, side, 3], values 0..255. */
export interface TileBatch {
  count: number;
  side: number;
  data: Uint8Array;
}

/** Phrases into the space of an encoder: all that asking a trained scene needs. */
export interface PhraseEncoder {
  readonly name: string;
  /** Width of the embeddings. */
  readonly dim: number;
  /** SHA-256 over everything that determines the outputs (graphs, tokenizer, preprocessing). */
  readonly identity: string;
  /** The negatives that relevancy compares with. */
  readonly canonicalPhrases: readonly string[];
  /** [texts, dim] unit vectors. */
  encodeTexts(texts: readonly string[]): Promise<Float32Array>;
  /** What an encoder of a closed vocabulary knows: nouns, parts, colours. Absent for one that takes any word. */
  readonly vocabulary?: readonly string[];
  /** Words of the phrase that are not in a closed vocabulary. */
  unknownWords?(phrase: string): string[];
  close(): Promise<void>;
}

export interface ImageTextEncoder extends PhraseEncoder {
  /** Input side of the image tower in pixels; tiles of another side are resized by the encoder. */
  readonly inputSide: number;
  /** [count, dim] unit vectors. */
  encodeImages(tiles: TileBatch): Promise<Float32Array>;
  readonly dense?: DenseEncoder;
}

export interface DenseEncoder {
  readonly dim: number;
  readonly identity: string;
  /** Features of a whole photo ([height, width, 3], 0..255): [rows, cols, dim], looked up nearest by floor (spec §1.8). */
  encodePhoto(photo: {
    width: number;
    height: number;
    rgb: Uint8Array;
  }): Promise<{ rows: number; cols: number; features: Float32Array }>;
}
