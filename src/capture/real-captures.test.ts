// The real captures beside the checkout: fox (instant-ngp), desk (COLMAP, half-size photos), chair (Blender).
import { describe, expect, it } from 'vitest';
import { hasShared, sharedFolder } from '../../test/shared.ts';
import { projectPoint } from '../math/projection.ts';
import { nodePlatform } from '../platform/node/index.ts';
import { loadPhoto } from './load-photo.ts';
import { openCapture } from './open-capture.ts';
import { readBinaryImages, readBinaryPoints } from './read-colmap-binary.ts';

const { files, images } = nodePlatform();

describe.skipIf(!hasShared)('real captures', () => {
  const open = (name: string) => openCapture(`${sharedFolder}/captures/${name}`, files, images);

  it('fox: 50 photos, 17 missing ones named', async () => {
    const { photos, warnings } = await open('fox');
    expect(photos).toHaveLength(50);
    expect(photos.filter((photo) => photo.split === 'test')).toHaveLength(5);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^17 of 67 listed photos/);
    for (const number of '0005 0016 0017 0024 0032 0051 0068 0071 0075 0083 0087 0088 0093 0099 0104 0106 0113'.split(
      ' ',
    ))
      expect(warnings[0]).toContain(`images/${number}.jpg`);
    const { pixels, camera } = await loadPhoto(photos[0], files, images, { downscale: 4 });
    expect([pixels.width, pixels.height, camera.width, camera.height]).toEqual([135, 240, 135, 240]);
    expect(camera.fx).toBeCloseTo(687.76 / 4, 10);
  });

  it('desk: points fall on the features that COLMAP matched them to', async () => {
    const capture = await open('desk');
    expect(capture.format).toBe('colmap-binary');
    expect(capture.photos).toHaveLength(29);
    expect(capture.photos[0].camera).toMatchObject({ width: 953, height: 535 });
    const model = `${sharedFolder}/captures/desk/sparse/0`;
    const points = readBinaryPoints(await files.readBytes(`${model}/points3D.bin`), 'points3D.bin');
    const rows = new Map([...points.ids].map((id, i) => [id, i]));
    const listed = readBinaryImages(await files.readBytes(`${model}/images.bin`), 'images.bin', { observations: true });
    const errors: number[] = [];
    for (const { name, observations } of listed) {
      const photo = capture.photos.find((each) => each.name.endsWith(name))!;
      for (let i = 0; i < observations!.length; i += 3) {
        const [x, y, id] = observations!.slice(i, i + 3);
        const row = rows.get(id);
        if (row === undefined) continue;
        const [px, py, pz] = capture.points!.positions.slice(row * 3, row * 3 + 3);
        const seen = projectPoint(photo.camera, [px, py, pz]);
        // Observations are in pixels of the full-size photo.
        if (seen) errors.push(Math.hypot(2 * seen.col - x, 2 * seen.row - y));
      }
    }
    errors.sort((a, b) => a - b);
    expect(errors.length).toBeGreaterThan(8000);
    expect(errors[errors.length >> 1]).toBeLessThan(1);
  });

  it('chair: alpha, and the split of the files', async () => {
    const { photos } = await open('chair');
    expect(photos.filter((photo) => photo.split === 'train')).toHaveLength(34);
    expect(photos.filter((photo) => photo.split === 'test')).toHaveLength(8);
    const { pixels } = await loadPhoto(photos[0], files, images, { downscale: 4 });
    expect(pixels.rgb).toHaveLength(200 * 200 * 3);
    // The background is transparent, hence black.
    expect([pixels.alpha![0], ...pixels.rgb.slice(0, 3)]).toEqual([0, 0, 0, 0]);
    expect(Math.max(...pixels.alpha!)).toBe(255);
  });
});
