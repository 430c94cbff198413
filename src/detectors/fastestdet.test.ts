import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { memoryFiles } from '../../test/memory-files.ts';
import { hasShared, sharedFolder } from '../../test/shared.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { decodeFastestDet } from './decode-fastestdet.ts';
import { loadNodeRuntime } from '../encoders/node-runtime.ts';
import { openDetector } from './open-detector.ts';
import { boxIou } from './select-boxes.ts';

describe.skipIf(!hasShared)('FastestDet itself', () => {
  const read = (name: string) => new Uint8Array(readFileSync(`${sharedFolder}/data/fastestdet/${name}`));
  /** The folder of docs/detectors.md. */
  const written = readFileSync(new URL('../../docs/detectors.md', import.meta.url), 'utf8');
  const description = JSON.parse(/```json\n(\{\n {2}"name": "FastestDet[\s\S]*?)```/.exec(written)![1]);

  async function open(edit: object = {}, classes = read('coco.names')) {
    const files = memoryFiles();
    await files.writeAtomic('fd/detector.json', JSON.stringify({ ...description, ...edit }));
    await files.writeAtomic('fd/FastestDet.onnx', read('FastestDet.onnx'));
    await files.writeAtomic('fd/coco.names', classes);
    return openDetector('fd', files, await loadNodeRuntime(), { threads: 1 });
  }

  it('finds the four people of its photo', async () => {
    const detector = await open({ scoreThreshold: 0.4 });
    const photo = await nodePlatform().images.decode(read('3.jpg'), '3.jpg');
    const [people, persons, dogs, foxes] = await detector.detect(photo, ['people', 'person', 'dog', 'red fox']);
    await detector.close();
    // Where a decoding written apart from this one, over another resize, puts them.
    const expected = [
      [40, 63, 179, 293],
      [288, 145, 475, 295],
      [159, 136, 258, 265],
      [224, 137, 329, 275],
    ] as const;
    expect(people).toHaveLength(4);
    for (const box of expected) expect(Math.max(...people.map((found) => boxIou(found.box, box)))).toBeGreaterThan(0.8);
    expect(people[0].score).toBeGreaterThan(0.75);
    expect([persons, dogs, foxes]).toEqual([people, [], []]);
  });

  it('wants its eighty classes', async () => {
    const few = new TextEncoder().encode('person\nbicycle\n');
    await expect(open({ synonyms: {} }, few)).rejects.toThrow(/coco\.names: classes: .*found 2 names; expected 80/);
  });
});

it('the head: cells, offsets, sides and scores', () => {
  // Two classes on 1 × 2 cells; cell 1 looks half a cell right and a quarter down: half the picture wide, a fifth high.
  const data = Float32Array.of(
    0,
    0.8,
    0,
    Math.atanh(0.5),
    0,
    Math.atanh(0.25),
    0,
    0,
    0,
    Math.log(0.25),
    0,
    0.75,
    0,
    0.25,
  );
  const context = {
    width: 200,
    height: 100,
    columns: 2,
    shapeFault: () => new Error(),
    columnFault: () => new Error(),
  };
  const boxes = decodeFastestDet({ type: 'float32', data, shape: [1, 7, 1, 2] }, context as never);
  const rounded = [...boxes.corners.subarray(4)].map((value) => Math.round(value));
  expect(rounded).toEqual([100, 15, 200, 35]);
  expect([...boxes.scores.subarray(2)].map((value) => value.toFixed(3))).toEqual(['0.600', '0.200']);
});
