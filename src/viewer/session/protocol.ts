/** What the page and the worker that holds the scene say to each other. */
import type { Camera } from '../../math/camera.ts';
import type { FieldAnswer } from '../../query/answer-view.ts';
import type { UnknownWords } from '../../query/known-words.ts';
import type { Appearance } from '../../query/render-view.ts';
import type { FeatureKind } from '../looks.ts';
import type { FieldRegions } from '../manifest.ts';
import type { EngineChoice, EngineStatus } from './engine-status.ts';

export interface AskedPhrase {
  text: string;
  /** Fed to the network as it is; chosen in the view when it is absent. */
  scale?: number;
}

export interface Question {
  phrases: AskedPhrase[];
  /** Canonical phrases instead of the run's own. */
  negatives?: string[];
  /** Indices of language fields. */
  fields: number[];
}

/** A picture that the page wants; a newer request replaces it. */
export interface ViewRequest {
  id: number;
  /** At the full size of the picture. */
  camera: Camera;
  /** The camera is still moving: one coarse picture, scales as they are. */
  moving: boolean;
  /** One picture at the full size and nothing before it, scales as they are: a picture of a film. */
  still?: boolean;
  question?: Question;
  features?: FeatureRequest;
}

/** Show the features of a language field as colours. */
export interface FeatureRequest {
  kind: FeatureKind;
  /** Index of the language field. */
  field: number;
  /** Of CLIP embeddings; fed to the network (spec §3.3). */
  scale: number;
  /** With the components of this view, not of the first one. */
  anew: boolean;
}

/** One picture of a view, coarser or finer. */
export interface Frame {
  id: number;
  /** At the size of this picture. */
  camera: Camera;
  /** Nothing finer comes for this request. */
  final: boolean;
  appearance: Appearance;
  /** [height, width, 3] in [0, 1]: where the features lie along their principal components. */
  components?: Float32Array;
  /** One entry per asked field; empty without a question. */
  fields: FieldAnswer[];
}

/** What the page has to know of a scene. */
export interface SceneSummary {
  name: string;
  /** Names of the language fields. */
  fields: string[];
  /** For each of them: it has DINO features. */
  hasFeatures: boolean[];
  photos: { name: string; split: 'train' | 'test'; camera: Camera; available: boolean }[];
  /** By language field: what the run holds of the regions behind it. */
  regions: Record<string, FieldRegions>;
  canonicalPhrases: string[];
  /** Why the scene cannot be asked; undefined when it can. */
  cannotAsk?: string;
  /** Of the CPU's engine. */
  threads: number;
  encoder?: string;
  /** Words of a closed vocabulary; empty for an encoder that takes any word. */
  vocabulary: string[];
}

export type ToSession =
  | { kind: 'open'; base: string; engine: EngineChoice }
  | { kind: 'engine'; engine: EngineChoice }
  /** A question is being typed: have the encoder ready. */
  | { kind: 'prepare' }
  | { kind: 'show'; request: ViewRequest };

export type FromSession =
  /** The scene is being trained by the process that serves it; `waiting` while there is nothing to look at yet. */
  | { kind: 'training'; waiting: boolean }
  | { kind: 'loading'; what: string; done: number; total: number }
  | { kind: 'opened'; scene: SceneSummary }
  /** What renders from now on. */
  | { kind: 'engine'; status: EngineStatus }
  /** The scene was trained further: its pictures are out of date. */
  | { kind: 'refreshed' }
  /** The scene has become another one and must be opened again. */
  | { kind: 'replaced' }
  | { kind: 'frame'; frame: Frame }
  | { kind: 'progress'; id: number; what: string; done: number; total: number }
  | { kind: 'words'; id: number; unknown: UnknownWords[]; meaningless: string[] }
  /** `question`: the picture goes on without the phrases. `fatal`: the session is over. */
  | { kind: 'failed'; id?: number; scope: 'question' | 'picture' | 'fatal'; message: string };
