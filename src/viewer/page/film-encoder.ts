/** Pictures to a WebM file through the browser's own video encoder (WebCodecs). */
import { encodeWebm, type VideoChunk, type VideoTrack } from '../../formats/webm.ts';
import { toImageData } from '../../platform/browser/images.ts';
import type { Image } from '../../platform/platform.ts';

/** Preferred first. Level 4.1 of VP9 reaches 1080p at 30 pictures a second. */
const codecs = [
  ['vp9', 'vp09.00.41.08'],
  ['vp8', 'vp8'],
] as const;
const bitsPerPixel = 0.15;
const secondsBetweenKeyFrames = 2;
/** Pictures that may wait in the encoder. */
const longestQueue = 4;

/** Why this page cannot record; undefined when it can try. */
export function cannotRecord(): string | undefined {
  if (typeof VideoEncoder !== 'undefined') return undefined;
  return isSecureContext
    ? 'This browser has no video encoder for pages (WebCodecs), so nothing can be recorded here. Current versions of Chromium, Firefox on a computer, and Safari have one.'
    : 'Browsers encode video only for pages from https:// or localhost. Reach the viewer through an SSH tunnel to record.';
}

export type FilmShape = Omit<VideoTrack, 'codec'>;

export class FilmEncoder {
  private readonly encoder: VideoEncoder;
  private readonly track: VideoTrack;
  private readonly chunks: VideoChunk[] = [];
  private pictures = 0;
  private failure: Error | undefined;

  /** @throws Error for people, when the browser encodes neither VP9 nor VP8 at this size */
  static async open(shape: FilmShape): Promise<FilmEncoder> {
    const cannot = cannotRecord();
    if (cannot !== undefined) throw new Error(cannot);
    for (const [codec, name] of codecs) {
      const config = configOf(name, shape);
      const { supported } = await VideoEncoder.isConfigSupported(config).catch(() => ({ supported: false }));
      if (supported) return new FilmEncoder({ ...shape, codec }, config);
    }
    const size = `${shape.width} × ${shape.height}`;
    throw new Error(`This browser encodes neither VP9 nor VP8 at ${size} pixels. Choose a smaller size.`);
  }

  private constructor(track: VideoTrack, config: VideoEncoderConfig) {
    this.track = track;
    this.encoder = new VideoEncoder({
      output: (chunk) => {
        const data = new Uint8Array(chunk.byteLength);
        chunk.copyTo(data);
        this.chunks.push({ data, time: chunk.timestamp / 1e6, isKey: chunk.type === 'key' });
      },
      error: (error) => {
        this.failure = error;
      },
    });
    this.encoder.configure(config);
  }

  async add(image: Image): Promise<void> {
    this.throwFailure();
    const { framesPerSecond, width, height } = this.track;
    const micros = (picture: number) => Math.round((1e6 * picture) / framesPerSecond);
    const timestamp = micros(this.pictures);
    const frame = new VideoFrame(toImageData(image).data, {
      format: 'RGBA',
      codedWidth: width,
      codedHeight: height,
      timestamp,
      duration: micros(this.pictures + 1) - timestamp,
    });
    this.encoder.encode(frame, { keyFrame: this.pictures % (secondsBetweenKeyFrames * framesPerSecond) === 0 });
    frame.close();
    this.pictures++;
    while (this.encoder.encodeQueueSize > longestQueue && this.failure === undefined)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async finish(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.encoder.state === 'configured') await this.encoder.flush();
    this.throwFailure();
    this.encoder.close();
    return encodeWebm(this.track, this.chunks);
  }

  abandon(): void {
    if (this.encoder.state !== 'closed') this.encoder.close();
  }

  private throwFailure(): void {
    if (this.failure) throw new Error(`The browser’s video encoder failed: ${this.failure.message}`);
  }
}

const configOf = (codec: string, { width, height, framesPerSecond }: FilmShape): VideoEncoderConfig => ({
  codec,
  width,
  height,
  framerate: framesPerSecond,
  bitrate: Math.round(bitsPerPixel * width * height * framesPerSecond),
});
