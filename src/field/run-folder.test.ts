import { describe, expect, it } from 'vitest';
import { memoryFiles } from '../../test/memory-files.ts';
import { presetConfig } from './config.ts';
import { initialParameters } from './initialise.ts';
import { createRun, loadCheckpoint, openRun, openRunHead, type RunDescription, saveScene } from './run-folder.ts';

function description(): RunDescription {
  const scene = presetConfig('small', 1, [{ name: 'panoptic', clipDim: 2, dinoDim: 0 }]);
  return {
    config: {
      scene,
      capture: { root: 'fox', format: 'nerfstudio' },
      worldToScene: { transform: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], scale: 0.5 },
      encoder: {
        name: 'tiny',
        folder: 'encoders/tiny',
        identity: 'abc',
        dim: 2,
        canonicalPhrases: ['object', 'things'],
      },
      training: { preset: 'small', seed: 3 },
    },
    photos: [
      {
        name: 'images/1.jpg',
        path: '/photos/1.jpg',
        split: 'train',
        exif: 'apply',
        maskPath: '/photos/1-mask.png',
        camera: {
          model: 'perspective',
          width: 8,
          height: 6,
          fx: 7,
          fy: 7.5,
          cx: 4,
          cy: 3,
          distortion: [0.1, 0, 0, 0, 0, -0.01],
          cameraToWorld: Float64Array.of(1, 0, 0, 0.1, 0, 1, 0, 0.2, 0, 0, 1, 1 / 3),
        },
      },
    ],
    canonicalEmbeddings: Float32Array.of(1, 0, 0.6, 0.8),
  };
}

describe('run folder', () => {
  it('gives back what was put in, to the last bit', async () => {
    const files = memoryFiles();
    const made = description();
    const created = await createRun('runs/fox', files, made);
    const parameters = initialParameters(made.config.scene, 1);
    await saveScene('runs/fox', files, made.config.scene, parameters);
    const run = await openRun('runs/fox', files);
    expect(run).toEqual({ ...created, parameters });
    expect(run.photos[0].camera.cameraToWorld[11]).toBe(1 / 3);
    expect(run.config).toEqual({ formatVersion: 1, ...made.config });
    expect(run.canonicalEmbeddings).toEqual(made.canonicalEmbeddings);
  });

  it('is not overwritten', async () => {
    const files = memoryFiles();
    await createRun('runs/fox', files, description());
    await expect(createRun('runs/fox', files, description())).rejects.toThrow(
      /runs\/fox: this folder already holds a run\. Continue it with --resume, or choose another folder with --out\./,
    );
  });

  it('is not made where a file is, and misses its parts by name', async () => {
    const files = memoryFiles();
    await files.writeAtomic('runs/taken', 'x');
    await expect(createRun('runs/taken', files, description())).rejects.toThrow(/runs\/taken: this is a file/);
    for (const part of ['canonical.npy', 'cameras.json']) {
      await createRun('runs/fox', files, description());
      await files.remove(`runs/fox/${part}`);
      await expect(openRunHead('runs/fox', files)).rejects.toThrow(`runs/fox/${part}: this file of the run is missing`);
      await files.remove('runs/fox');
    }
  });

  it('that is not there, not trained, or of another version says so', async () => {
    const files = memoryFiles();
    await expect(openRun('runs/fox', files)).rejects.toThrow(/this is not a run folder/);
    await createRun('runs/fox', files, description());
    await expect(openRun('runs/fox', files)).rejects.toThrow(/not been trained yet.*langfield train fox.*--resume/);
    const config = JSON.parse(new TextDecoder().decode(files.contents.get('runs/fox/config.json')));
    await files.writeAtomic('runs/fox/config.json', JSON.stringify({ ...config, formatVersion: 2 }));
    await expect(openRunHead('runs/fox', files)).rejects.toThrow(/formatVersion.*found 2; expected 1/);
  });

  it('names the field that is wrong', async () => {
    const files = memoryFiles();
    await createRun('runs/fox', files, description());
    const cameras = JSON.parse(new TextDecoder().decode(files.contents.get('runs/fox/cameras.json')));
    cameras.photos[0].camera.fx = 'wide';
    await files.writeAtomic('runs/fox/cameras.json', JSON.stringify(cameras));
    await expect(openRunHead('runs/fox', files)).rejects.toThrow(/cameras\.json: photos\.0\.camera\.fx/);
    await files.writeAtomic('runs/fox/cameras.json', '{"formatVersion": 1,');
    await expect(openRunHead('runs/fox', files)).rejects.toThrow(/cameras\.json: this is not JSON/);
  });

  it('takes its fields from the scene file, which may have gained one', async () => {
    const files = memoryFiles();
    const made = description();
    await createRun('runs/fox', files, made);
    const grown = presetConfig('small', 1, [
      { name: 'panoptic', clipDim: 2, dinoDim: 0 },
      { name: 'none', clipDim: 2, dinoDim: 0 },
    ]);
    await saveScene('runs/fox', files, grown, initialParameters(grown, 1));
    expect((await openRun('runs/fox', files)).config.scene).toEqual(grown);
  });

  it('forgets what a killed process left half-written', async () => {
    const files = memoryFiles();
    const made = description();
    await createRun('runs/fox', files, made);
    const leftOver = 'runs/fox/.checkpoint.safetensors.41-0-3.tmp';
    await files.writeAtomic(leftOver, 'half');
    expect(await loadCheckpoint('runs/fox', files, made.config.scene)).toBeUndefined();
    expect(files.contents.has(leftOver)).toBe(false);
    expect(files.contents.has('runs/fox/config.json')).toBe(true);
  });
});
