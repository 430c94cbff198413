/** The structure, by a reader of its own; that browsers play it is shown in test/viewer.test.ts. */
import { expect, it } from 'vitest';
import { encodeWebm, type VideoChunk } from './webm.ts';

interface Element {
  id: number;
  start: number;
  content: Uint8Array;
}

function readElements(bytes: Uint8Array): Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at;
    const idLength = Math.clz32(bytes[at]) - 23;
    let id = 0;
    for (let i = 0; i < idLength; i++) id = id * 256 + bytes[at++];
    const sizeLength = Math.clz32(bytes[at]) - 23;
    let size = bytes[at++] & (0xff >> sizeLength);
    for (let i = 1; i < sizeLength; i++) size = size * 256 + bytes[at++];
    expect(at + size).toBeLessThanOrEqual(bytes.length);
    elements.push({ id, start, content: bytes.subarray(at, at + size) });
    at += size;
  }
  return elements;
}

const inside = (element: Element, ...path: number[]): Element[] =>
  path.reduce(
    (level, id) => level.flatMap((each) => readElements(each.content)).filter((each) => each.id === id),
    [element],
  );
const number = ({ content }: Element) => content.reduce((value, byte) => value * 256 + byte, 0);
const string = ({ content }: Element) => new TextDecoder().decode(content);

const chunk = (frame: number, isKey: boolean): VideoChunk => ({
  data: Uint8Array.of(frame, 1, 2, 3),
  time: frame / 25,
  isKey,
});

it('holds track, times, key frames and an index that leads to them', () => {
  const chunks = [chunk(0, true), chunk(1, false), chunk(2, false), chunk(3, true), chunk(900, false)];
  const [header, segment, ...rest] = readElements(
    encodeWebm({ codec: 'vp9', width: 640, height: 362, framesPerSecond: 25 }, chunks),
  );
  expect(rest).toEqual([]);
  expect(inside(header, 0x4282).map(string)).toEqual(['webm']);
  expect(inside(segment, 0x1654ae6b, 0xae, 0x86).map(string)).toEqual(['V_VP9']);
  expect(inside(segment, 0x1654ae6b, 0xae, 0xe0, 0xb0).map(number)).toEqual([640]);
  expect(inside(segment, 0x1654ae6b, 0xae, 0xe0, 0xba).map(number)).toEqual([362]);
  const [{ content: duration }] = inside(segment, 0x1549a966, 0x4489);
  expect(new DataView(duration.buffer, duration.byteOffset).getFloat64(0)).toBeCloseTo(36_040, 6);

  // The last chunk is too late for 16 bits of the cluster before.
  const clusters = inside(segment, 0x1f43b675);
  const starts = clusters.map((cluster) => number(inside(cluster, 0xe7)[0]));
  expect(starts).toEqual([0, 120, 36_000]);
  const blocks = clusters.flatMap((cluster, i) =>
    inside(cluster, 0xa3).map(({ content }) => ({
      track: content[0],
      time: starts[i] + new DataView(content.buffer, content.byteOffset).getInt16(1),
      isKey: content[3] === 0x80,
      data: content.slice(4),
    })),
  );
  expect(blocks).toEqual(
    chunks.map(({ data, time, isKey }) => ({ track: 0x81, time: Math.round(1000 * time), isKey, data })),
  );
  expect(inside(segment, 0x1c53bb6b, 0xbb, 0xb3).map(number)).toEqual(starts);
  expect(inside(segment, 0x1c53bb6b, 0xbb, 0xb7, 0xf1).map(number)).toEqual(clusters.map(({ start }) => start));
});
