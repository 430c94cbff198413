/**
 * The library. Every function takes the machine it runs on (files, image codecs, workers) as an argument, so all of
 * this runs in Node and in the browser; `langfield/node` supplies the machine in Node.
 */
export type { Capture, CapturePhoto, PhotoPixels } from './capture/capture.ts';
export { loadPhoto } from './capture/load-photo.ts';
export { openCapture } from './capture/open-capture.ts';
export type { DenseEncoder, ImageTextEncoder, TileBatch } from './encoders/encoder.ts';
export { type InferenceRuntime, inferenceRuntime } from './encoders/inference-runtime.ts';
export { openDetector } from './detectors/open-detector.ts';
export { openEncoder } from './encoders/onnx-encoder.ts';
export type { WebRuntime } from './encoders/wasm-runtime.ts';
export { loadWebRuntime, type WebRuntimeOptions } from './encoders/web-runtime.ts';
export { type ImportOptions, importEncoder } from './encoders/vit/import-encoder.ts';
export { createEngine, type EngineName, type EngineOptions } from './engines/create-engine.ts';
export type * from './engines/engine.ts';
export { type Fault, LangfieldError } from './errors.ts';
export { scoreLabels } from './evaluate/score-labels.ts';
export { scorePhotos } from './evaluate/score-photos.ts';
export { type PresetName, presetConfig, type SceneConfig } from './field/config.ts';
export { initialParameters } from './field/initialise.ts';
export { describeParameters, type ParameterInfo } from './field/parameters.ts';
export type { Run, RunConfig, RunPhoto } from './field/run.ts';
export { openRun } from './field/run-folder.ts';
export type { Camera } from './math/camera.ts';
export { frameRays } from './math/rays.ts';
export { viewCamera } from './math/views.ts';
export type {
  EngineMachine,
  FileSystem,
  Image,
  ImageCodec,
  Platform,
  Progress,
  TrainingMachine,
} from './platform/platform.ts';
export { type PyramidSettings, resolvePyramidSettings } from './pyramid/pyramid-options.ts';
export { prepareSupervision } from './pyramid/prepare-supervision.ts';
export type { LanguageSupervision } from './pyramid/supervision.ts';
export { answerView } from './query/answer-view.ts';
export { runQuery } from './query/run-query.ts';
export { createBuiltinSegmenter } from './regions/builtin-segmenter.ts';
export { openRegionMaps } from './regions/region-maps.ts';
export { openSegmenter } from './segmenters/open-segmenter.ts';
export { type LanguageTraining, resumeRun, trainNewRun } from './training/train-capture.ts';
