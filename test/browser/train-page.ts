/** What the page of browser-training.test.ts runs: a training in a tab, on a capture and into a run that the browser keeps. */
import { browserImages, browserTrainingMachine, storedFiles } from '../../src/browser.ts';
import {
  type CapturePhoto,
  createBuiltinSegmenter,
  type EngineName,
  type LanguageTraining,
  loadPhoto,
  loadWebRuntime,
  openCapture,
  openEncoder,
  openRegionMaps,
  prepareSupervision,
  resolvePyramidSettings,
  resumeRun,
  trainNewRun,
} from '../../src/index.ts';
import { sha256OfFile, silentProgress } from '../../src/platform/platform.ts';
import type { TrainingSettings } from '../../src/training/settings.ts';

export interface TrainRequest {
  folder: string;
  engine: EngineName;
  given: Partial<TrainingSettings>;
  /** With a language field, of the built-in encoder. */
  language?: boolean;
  /** Steps after which the visitor stops it. */
  stopAfter?: number;
}

const files = await storedFiles();
const encoderFiles = [
  'encoder.json',
  'image.onnx',
  'text.onnx',
  'dense.onnx',
  'tokenizer.json',
  'tokenizer_config.json',
];

const context = ({ folder, engine, given, stopAfter = Number.POSITIVE_INFINITY }: TrainRequest) => {
  let asked = 0;
  const stopRequested = () => asked++ >= stopAfter;
  return { platform: browserTrainingMachine(files), progress: silentProgress, folder, engine, given, stopRequested };
};

/** The built-in encoder and segmenter, with a cache among the browser's files. */
async function openLanguage(): Promise<LanguageTraining> {
  for (const name of encoderFiles) {
    const response = await fetch(`/models/household/${name}`);
    await files.writeAtomic(`encoder/${name}`, new Uint8Array(await response.arrayBuffer()));
  }
  const encoder = await openEncoder('encoder', files, await loadWebRuntime({ device: 'wasm' }));
  const options = { cacheFolder: 'cache/regions', files, images: browserImages };
  const regionMaps = openRegionMaps(await createBuiltinSegmenter(browserImages), options);
  const supervise: LanguageTraining['supervise'] = async (photos, priors) => {
    const loadPixels = async (photo: CapturePhoto) => (await loadPhoto(photo, files, browserImages)).pixels;
    const sources = { photos, regionMaps, encoder, files, cacheFolder: 'cache/embeddings', progress: silentProgress };
    const settings = resolvePyramidSettings({ tiles: 'coarse' });
    const now = () => performance.now();
    return (await prepareSupervision({ ...sources, loadPhoto: loadPixels, now }, priors, settings)).supervisions;
  };
  return { encoder, encoderFolder: 'encoder', supervise, settings: {} };
}

const page = {
  isolated: () => crossOriginIsolated,
  /** @param bytes base64 */
  async put(path: string, bytes: string) {
    await files.writeAtomic(
      path,
      Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0)),
    );
  },
  async train(request: TrainRequest) {
    const capture = await openCapture('capture', files, browserImages);
    const language = request.language ? await openLanguage() : undefined;
    const { outcome } = await trainNewRun({ ...context(request), capture, language, absolutePath: (path) => path });
    return outcome;
  },
  async resume(request: TrainRequest) {
    const language = request.language ? await openLanguage() : undefined;
    return (await resumeRun({ ...context(request), language })).outcome;
  },
  list: async (folder: string) => ((await files.stat(folder)) ? files.list(folder) : []),
  size: async (path: string) => (await files.stat(path))?.size,
  hash: (path: string) => sha256OfFile(path, files),
  text: (path: string) => files.readText(path),
  /** The message of what goes wrong with an image, or what its header says. */
  async probe(path: string) {
    const { width, height, orientation, format } = await browserImages.probe(await files.readBytes(path), path);
    const upright = await browserImages.decode(await files.readBytes(path), path);
    const refused = await browserImages
      .decode(await files.readBytes(path), path, { orientation: 'refuse' })
      .then(() => '')
      .catch((error: Error) => error.message);
    return { width, height, orientation, format, upright: [upright.width, upright.height], refused };
  },
  /** Everything that a FileSystem promises, on files of the browser. */
  async exercise() {
    const told: Record<string, unknown> = {};
    const failure = (work: Promise<unknown>) => work.then(() => '').catch((error: Error) => error.message);
    await files.writeAtomic('a/b/c.txt', 'first');
    await files.writeAtomic('a/b/c.txt', 'second');
    await files.append('a/b/c.txt', ', third');
    await files.append('a/new.txt', 'line');
    told.text = await files.readText('a/b/c.txt');
    told.range = new TextDecoder().decode(await files.readRange('/a/b/c.txt', 8, 5));
    told.listed = [await files.list('a'), await files.list('a/b')];
    told.stats = [await files.stat('a/b'), await files.stat('a/none'), await files.stat('a/b/c.txt/d')].map(
      (stat) => stat && [stat.size, stat.isDirectory],
    );
    await files.writeAtomic('a/bytes', Uint8Array.of(0, 127, 128, 200, 255, 10, 13, 26));
    await files.stat('a/bytes');
    told.atOnce = [...files.readRangeSync('a/bytes', 1, 6)];
    await files.remove('a/bytes');
    await files.rename('a/b/c.txt', 'a/moved.txt');
    await files.makeFolder('a/empty');
    await files.remove('a/b');
    await files.remove('a/absent');
    told.after = await files.list('a');
    told.failures = [
      await failure(files.readBytes('a/none')),
      await failure(files.readRange('a/moved.txt', 8, 500)),
      await failure(files.list('none')),
      await failure((async () => files.readRangeSync('a/bytes', 0, 1))()),
      await failure(files.writeAtomic('a/moved.txt/below', 'x')),
    ];
    await files.remove('a');
    told.gone = await files.stat('a');
    return told;
  },
};
export type TrainingPage = typeof page;

Object.assign(globalThis, { training: page });
