// What a user can do wrong with a capture: each gets one clear line that names file and entry.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { picture, ringMatrix, writePhoto, writeTo } from '../../test/capture-writers.ts';
import { LangfieldError } from '../errors.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { loadPhoto } from './load-photo.ts';
import { type OpenCaptureOptions, openCapture } from './open-capture.ts';
import { locateJsonError } from './read-json.ts';

const { files, images } = nodePlatform();
let folder = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'langfield-faults-'));
  for (const name of ['a', 'b', 'c']) await writePhoto(folder, `images/${name}.jpg`, 64, 48);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (options: OpenCaptureOptions = {}) => openCapture(folder, files, images, options);

type Frame = Record<string, unknown> & { transform_matrix: unknown };

/** Three good frames, changed by `edit` before they are written. */
function writeFrames(edit: (frames: Frame[]) => unknown[] = (frames) => frames, global = {}): void {
  const frames = ['a', 'b', 'c'].map((name, i) => ({
    file_path: `images/${name}.jpg`,
    transform_matrix: ringMatrix(i, 3),
  }));
  const text = JSON.stringify({ fl_x: 50, w: 64, h: 48, ...global, frames: edit(frames) });
  // As Python writes it.
  writeTo(folder, 'transforms.json', text.replaceAll('"NaN"', 'NaN').replaceAll('"Infinity"', 'Infinity'));
}

async function expectFault(pattern: RegExp, options?: OpenCaptureOptions): Promise<void> {
  const outcome = open(options);
  await expect(outcome).rejects.toThrow(LangfieldError);
  await expect(outcome).rejects.toThrow(pattern);
}

const editMatrix = (index: number, edit: (m: (number | string)[][]) => void) => (frames: Frame[]) => {
  edit(frames[index].transform_matrix as (number | string)[][]);
  return frames;
};

const editRotation = (index: number, edit: (value: number, row: number, col: number) => number) =>
  editMatrix(index, (m) => {
    for (let row = 0; row < 3; row++)
      for (let col = 0; col < 3; col++) m[row][col] = edit(m[row][col] as number, row, col);
  });

describe('poses', () => {
  it('NaN and Infinity, as Python writes them', async () => {
    writeFrames(editMatrix(2, (m) => (m[0][3] = 'NaN')));
    await expectFault(/transforms\.json: frames\[2\]\.transform_matrix\[0\]\[3\].*found NaN; expected a finite number/);
    writeFrames(editMatrix(1, (m) => (m[2][1] = 'Infinity')));
    await expectFault(/frames\[1\]\.transform_matrix\[2\]\[1\].*found Infinity/);
  });

  it('matrices that do not rotate', async () => {
    writeFrames(editRotation(1, (value, _row, col) => (col === 0 ? -value : value)));
    await expectFault(/frames\[1\]\.transform_matrix: the pose of this photo is mirrored \(found determinant -1/);
    writeFrames(editRotation(0, (value) => 2 * value));
    await expectFault(/frames\[0\].*not a rotation \(found determinant 8;/);
    writeFrames(editRotation(0, () => 0));
    await expectFault(/frames\[0\].*not a rotation \(found determinant 0;/);
    writeFrames(editMatrix(2, (m) => ([m[0][3], m[3][0]] = [0, 3])));
    await expectFault(/frames\[2\]\.transform_matrix: the last row.*transposed/);
  });

  it('small deviations are mended with a warning', async () => {
    writeFrames(editMatrix(1, (m) => (m[0][0] = (m[0][0] as number) + 0.01)));
    const { photos, warnings } = await open();
    expect(warnings).toEqual([expect.stringMatching(/1 pose not exactly a rotation.*mended: images\/b\.jpg/)]);
    const p = photos[1].camera.cameraToWorld;
    for (const c of [0, 1, 2]) expect(Math.hypot(p[c], p[c + 4], p[c + 8])).toBeCloseTo(1, 12);
  });

  it('wrong shapes and missing entries', async () => {
    writeFrames(editMatrix(1, (m) => m.pop() && m.pop()));
    await expectFault(/frames\[1\]\.transform_matrix.*expected three or four rows/);
    writeFrames(editMatrix(1, (m) => m[1].pop()));
    await expectFault(/frames\[1\]\.transform_matrix\[1\].*four numbers/);
    writeFrames((frames) => [frames[0], { transform_matrix: frames[1].transform_matrix }]);
    await expectFault(/frames\[1\]\.file_path: this entry is missing \(expected a text\)/);
    writeFrames((frames) => frames, { k1: 'much' });
    await expectFault(/transforms\.json: k1.*found "much"; expected a finite number/);
  });
});

describe('counts', () => {
  it('zero photos, one photo', async () => {
    writeFrames(() => []);
    await expectFault(/transforms\.json: the capture has no photos/);
    writeFrames((frames) => frames.slice(0, 1));
    await expectFault(/too few photos \(found 1 usable photo; expected at least 2\)/);
    expect((await open({ minimumPhotos: 1 })).photos).toHaveLength(1);
  });

  it('the same photo twice', async () => {
    writeFrames((frames) => [...frames, { ...frames[1], file_path: './images/b.jpg' }]);
    const { photos, warnings } = await open();
    expect(photos).toHaveLength(3);
    expect(warnings).toEqual(['1 repeated entry skipped, the first counts: images/b.jpg (frames[3])']);
  });

  it('all cameras in one place', async () => {
    writeFrames((frames) => frames.map((frame) => ({ ...frame, transform_matrix: ringMatrix(0, 3) })));
    expect((await open()).warnings).toEqual([expect.stringMatching(/same place/)]);
  });
});

describe('sizes', () => {
  it('scales intrinsics to a photo of the same shape, with a warning', async () => {
    writeFrames(undefined, { w: 128, h: 96 });
    const { photos, warnings } = await open();
    expect(photos[0].camera).toMatchObject({ width: 64, height: 48, fx: 25, fy: 25, cx: 32, cy: 24 });
    expect(warnings).toEqual([expect.stringMatching(/3 photos of another size.*64×48, listed as 128×96/)]);
  });

  it('refuses a photo of another shape', async () => {
    await writePhoto(folder, 'images/b.jpg', 48, 48);
    writeFrames();
    await expectFault(/images\/b\.jpg: the photo does not have the shape.*found 48×48; expected 64×48.*frames\[1\]/);
  });

  it('refuses impossible numbers', async () => {
    writeFrames(undefined, { w: 0 });
    await expectFault(/picture size is not positive.*0×48/);
    writeFrames(undefined, { fl_x: -3 });
    await expectFault(/focal length is not a positive number.*found -3/);
    writeFrames(undefined, { camera_model: 'EQUIRECTANGULAR' });
    await expectFault(/camera_model.*found EQUIRECTANGULAR.*Cut the panoramas/);
  });
});

describe('EXIF rotation', () => {
  const writeTurned = async (orientation: number, width: number, height: number) => {
    for (const name of ['a', 'b', 'c'])
      writeTo(
        folder,
        `images/${name}.jpg`,
        await picture(width, height).jpeg().withMetadata({ orientation }).toBuffer(),
      );
  };

  it('is applied when the cameras describe the upright photo', async () => {
    await writeTurned(6, 48, 64);
    writeFrames();
    const { photos, warnings } = await open();
    expect(warnings).toEqual([expect.stringMatching(/3 photos turned by the EXIF tag/)]);
    const { pixels, camera } = await loadPhoto(photos[0], files, images);
    expect([pixels.width, pixels.height, camera.width, camera.height]).toEqual([64, 48, 64, 48]);
    // Orientation 6 brings the left edge to the top: red grows downwards.
    expect(pixels.rgb[0]).toBeLessThan(10);
    expect(pixels.rgb[47 * 64 * 3]).toBeGreaterThan(240);
  });

  it('is ignored when the cameras describe the stored pixels', async () => {
    for (const orientation of [3, 6]) {
      await writeTurned(orientation, 64, 48);
      writeFrames();
      const { photos, warnings } = await open();
      expect(warnings).toEqual([expect.stringMatching(/3 photos with an EXIF rotation that is ignored/)]);
      const { pixels } = await loadPhoto(photos[0], files, images);
      expect(pixels.rgb[0]).toBeLessThan(10);
      expect(pixels.rgb[63 * 3]).toBeGreaterThan(240);
    }
  });

  it('is refused when neither fits', async () => {
    await writeTurned(6, 90, 30);
    writeFrames();
    await expectFault(/found 90×30 \(upright 30×90\); expected 64×48/);
  });
});

describe('files', () => {
  it('a folder without a capture, no folder, a stray file', async () => {
    await expectFault(/holds no capture.*found images.*transforms\.json.*COLMAP/);
    await expect(openCapture(join(folder, 'nowhere'), files, images)).rejects.toThrow(
      /nowhere: there is no such capture/,
    );
    await expect(openCapture(join(folder, 'images/a.jpg'), files, images)).rejects.toThrow(
      /a\.jpg: a capture is a folder/,
    );
    writeFrames();
    await expectFault(/this is no llff capture/, { format: 'llff' });
  });

  it('broken JSON, with line and column', async () => {
    writeTo(folder, 'transforms.json', '{\n  "frames": [\n    {"file_path": "a.png",}\n  ]\n}');
    await expectFault(/transforms\.json: line 3, column 27: this is not valid JSON \(found }.*a name in quotes/);
    writeTo(folder, 'transforms.json', '{"frames": [');
    await expectFault(/line 1, column 13.*the end of the line or file/);
    writeTo(folder, 'transforms.json', '');
    await expectFault(/line 1, column 1/);
  });

  it('a photo whose header is not an image', async () => {
    writeTo(folder, 'images/b.jpg', 'not a photo');
    writeFrames();
    await expectFault(/images\/b\.jpg.*cannot be decoded/);
  });

  it('options out of range', async () => {
    writeFrames();
    await expectFault(/share of training photos/, { trainFraction: 0 });
    await expectFault(/scene scale/, { sceneScale: -1 });
  });
});

describe('locateJsonError', () => {
  const good = ['{}', '[1, 2.5e-3, "a\\u00e9\\n", true, null, {"a": []}]', ' 7 ', '"x"'];
  const bad: [string, number][] = [
    ['[1 2]', 4],
    ['{"a" 1}', 6],
    ['{a: 1}', 2],
    ['[1,]', 4],
    ['{"a": 1,}', 9],
    ['[01]', 3],
    ['[}', 2],
    ['[1]]', 4],
    ['"abc', 1],
    ['{"a": nul}', 7],
  ];
  it('accepts what JSON.parse accepts, and points at the mistake otherwise', () => {
    for (const text of good) {
      expect(() => JSON.parse(text)).not.toThrow();
      expect(locateJsonError(text)).toBeUndefined();
    }
    for (const [text, column] of bad) {
      expect(() => JSON.parse(text)).toThrow();
      expect(locateJsonError(text)).toMatchObject({ line: 1, column });
    }
  });
});
