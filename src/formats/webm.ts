/**
 * Encoded video as a WebM file: one track, an index for seeking. This is the container alone, EBML elements of the
 * Matroska specification (RFC 9559, RFC 8794); the pictures are encoded by the browser.
 */

export interface VideoChunk {
  /** VP8 or VP9, as an encoder gives it. */
  data: Uint8Array;
  /** Seconds. */
  time: number;
  isKey: boolean;
}

export interface VideoTrack {
  codec: 'vp8' | 'vp9';
  width: number;
  height: number;
  framesPerSecond: number;
}

const ids = {
  ebml: 0x1a45dfa3,
  ebmlVersion: 0x4286,
  ebmlReadVersion: 0x42f7,
  maxIdLength: 0x42f2,
  maxSizeLength: 0x42f3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  muxingApp: 0x4d80,
  writingApp: 0x5741,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  flagLacing: 0x9c,
  codecId: 0x86,
  defaultDuration: 0x23e383,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  cues: 0x1c53bb6b,
  cuePoint: 0xbb,
  cueTime: 0xb3,
  cueTrackPositions: 0xb7,
  cueTrack: 0xf7,
  cueClusterPosition: 0xf1,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
} as const;

const videoTrack = 1;
/** Timestamps of blocks count from their cluster in 16 bits. */
const longestClusterMs = 30_000;

/** @param chunks in the order of time, the first one a key frame */
export function encodeWebm(track: VideoTrack, chunks: readonly VideoChunk[]): Uint8Array<ArrayBuffer> {
  const clusters = splitClusters(chunks).map((cluster) => ({
    time: milliseconds(cluster[0]),
    bytes: encodeCluster(cluster),
  }));
  const head = concat([encodeInfo(track, chunks), encodeTracks(track)]);
  // The length of the index does not depend on the positions in it.
  const indexLength = encodeCues(clusters.map(({ time }) => ({ time, position: 0 }))).length;
  let position = head.length + indexLength;
  const places = clusters.map(({ time, bytes }) => {
    const place = { time, position };
    position += bytes.length;
    return place;
  });
  const body = [head, encodeCues(places), ...clusters.map(({ bytes }) => bytes)];
  return concat([encodeHeader(), element(ids.segment, ...body)]);
}

const milliseconds = ({ time }: VideoChunk) => Math.round(1000 * time);

/** A cluster begins at every key frame, so that the index leads to places where decoding can begin. */
function splitClusters(chunks: readonly VideoChunk[]): VideoChunk[][] {
  const clusters: VideoChunk[][] = [];
  for (const chunk of chunks) {
    const current = clusters.at(-1);
    if (!current || chunk.isKey || milliseconds(chunk) - milliseconds(current[0]) > longestClusterMs)
      clusters.push([chunk]);
    else current.push(chunk);
  }
  return clusters;
}

function encodeHeader(): Uint8Array {
  return element(
    ids.ebml,
    element(ids.ebmlVersion, unsigned(1)),
    element(ids.ebmlReadVersion, unsigned(1)),
    element(ids.maxIdLength, unsigned(4)),
    element(ids.maxSizeLength, unsigned(8)),
    element(ids.docType, text('webm')),
    element(ids.docTypeVersion, unsigned(2)),
    element(ids.docTypeReadVersion, unsigned(2)),
  );
}

function encodeInfo({ framesPerSecond }: VideoTrack, chunks: readonly VideoChunk[]): Uint8Array {
  const end = chunks.reduce((latest, { time }) => Math.max(latest, time), 0) + 1 / framesPerSecond;
  const duration = new Uint8Array(8);
  new DataView(duration.buffer).setFloat64(0, 1000 * end);
  return element(
    ids.info,
    element(ids.timestampScale, unsigned(1_000_000)),
    element(ids.duration, duration),
    element(ids.muxingApp, text('langfield')),
    element(ids.writingApp, text('langfield')),
  );
}

function encodeTracks({ codec, width, height, framesPerSecond }: VideoTrack): Uint8Array {
  const entry = element(
    ids.trackEntry,
    element(ids.trackNumber, unsigned(videoTrack)),
    element(ids.trackUid, unsigned(1)),
    element(ids.trackType, unsigned(1)),
    element(ids.flagLacing, unsigned(0)),
    element(ids.codecId, text(codec === 'vp8' ? 'V_VP8' : 'V_VP9')),
    element(ids.defaultDuration, unsigned(Math.round(1e9 / framesPerSecond))),
    element(ids.video, element(ids.pixelWidth, unsigned(width)), element(ids.pixelHeight, unsigned(height))),
  );
  return element(ids.tracks, entry);
}

/** @param places times in milliseconds; positions in bytes from the beginning of the segment's content */
function encodeCues(places: readonly { time: number; position: number }[]): Uint8Array {
  const points = places.map(({ time, position }) =>
    element(
      ids.cuePoint,
      element(ids.cueTime, unsigned(time)),
      element(
        ids.cueTrackPositions,
        element(ids.cueTrack, unsigned(videoTrack)),
        element(ids.cueClusterPosition, unsigned(position, 8)),
      ),
    ),
  );
  return element(ids.cues, ...points);
}

function encodeCluster(chunks: readonly VideoChunk[]): Uint8Array {
  const start = milliseconds(chunks[0]);
  const blocks = chunks.map((chunk) => {
    const head = new DataView(new ArrayBuffer(4));
    head.setUint8(0, 0x80 | videoTrack);
    head.setInt16(1, milliseconds(chunk) - start);
    head.setUint8(3, chunk.isKey ? 0x80 : 0);
    return element(ids.simpleBlock, new Uint8Array(head.buffer), chunk.data);
  });
  return element(ids.cluster, element(ids.timestamp, unsigned(start)), ...blocks);
}

/** The id, the length of the content in eight bytes, the content. */
function element(id: number, ...content: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  const size = unsigned(length, 8);
  size[0] = 0x01;
  return concat([unsigned(id), size, ...content]);
}

/** Big-endian, in as few bytes as it takes or in so many. */
function unsigned(value: number, bytes = Math.max(1, Math.ceil(Math.log2(value + 1) / 8))): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** (bytes - 1 - i)) % 256);
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
