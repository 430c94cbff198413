import { describe, expect, it } from 'vitest';
import { diskFull, memoryFiles } from '../../test/memory-files.ts';
import { decodeSafetensors, encodeSafetensors, headerLength } from '../formats/safetensors.ts';
import { type Checkpoint, readCheckpoint, readPosition, readScene, writeCheckpoint, writeScene } from './checkpoint.ts';
import { presetConfig, type SceneConfig } from './config.ts';
import { describeParameters, type TensorMap } from './parameters.ts';

/** A scene with all kinds of parameters, small enough to write often. */
function tinyConfig(): SceneConfig {
  const config = presetConfig('small', 3, [{ name: 'panoptic', clipDim: 6, dinoDim: 0 }]);
  const grid = { levels: 2, features: 2, log2Entries: 6, baseResolution: 4, maxResolution: 8 };
  config.radiance.grid = grid;
  for (const proposal of config.radiance.proposals) proposal.grid = grid;
  config.languages[0].grids = [grid];
  return config;
}

function filled(config: SceneConfig, offset: number): TensorMap {
  return new Map(
    describeParameters(config).map(({ name, size }) => [
      name,
      Float32Array.from({ length: size }, (_, i) => i + offset),
    ]),
  );
}

function checkpointOf(config: SceneConfig): Checkpoint {
  return {
    config,
    parameters: filled(config, 0.5),
    optimiser: {
      first: filled(config, 0.25),
      second: filled(config, 0.125),
      steps: { proposal: 7, fields: 9, camera: 9, language: 0 },
    },
    position: { stage: 'radiance', step: 9, seconds: 1.5 },
  };
}

describe('checkpoints', () => {
  it('give back everything that continuing needs', async () => {
    const files = memoryFiles();
    const written = checkpointOf(tinyConfig());
    await writeCheckpoint('run/c', files, written);
    expect(await readCheckpoint('run/c', files, tinyConfig())).toEqual(written);
  });

  it('are absent without an error', async () => {
    expect(await readCheckpoint('run/c', memoryFiles())).toBeUndefined();
    expect(await readPosition('run/c', memoryFiles())).toBeUndefined();
  });

  it('tell where training stood by their header alone, and a damaged header in words', async () => {
    const files = memoryFiles();
    await writeCheckpoint('run/c', files, checkpointOf(tinyConfig()));
    const bytes = files.contents.get('run/c')!;
    const end = 8 + headerLength(bytes);
    files.contents.set('run/c', bytes.slice(0, end));
    expect(await readPosition('run/c', files)).toEqual({ stage: 'radiance', step: 9, seconds: 1.5 });
    files.contents.set('run/c', bytes.slice(0, end - 1));
    await expect(readPosition('run/c', files)).rejects.toThrow(/run\/c: the file is cut short/);
    files.contents.set('run/c', new Uint8Array(64).fill(255));
    await expect(readPosition('run/c', files)).rejects.toThrow(/run\/c: this is not a safetensors file/);
  });

  it('of another scene description are refused with the first difference', async () => {
    const files = memoryFiles();
    await writeCheckpoint('run/c', files, checkpointOf(tinyConfig()));
    const other = tinyConfig();
    other.radiance.samples = 48;
    await expect(readCheckpoint('run/c', files, other)).rejects.toThrow(
      /run\/c: radiance\.samples: .*another scene description \(found 32; expected 48\)\. Resume with the settings/,
    );
  });

  it('of another version are refused with advice', async () => {
    const files = memoryFiles();
    await writeCheckpoint('run/c', files, checkpointOf(tinyConfig()));
    const { tensors, metadata } = decodeSafetensors(files.contents.get('run/c')!, 'c');
    files.contents.set('run/c', encodeSafetensors(tensors, { ...metadata, version: '99' }));
    await expect(readCheckpoint('run/c', files)).rejects.toThrow(
      /version: this file is of another version of langfield \(found 99; expected 1\)\. Train the scene again/,
    );
  });

  it('that are scene files by mistake are refused, and the other way round', async () => {
    const files = memoryFiles();
    const config = tinyConfig();
    await writeScene('run/s', files, { config, parameters: filled(config, 0) });
    await writeCheckpoint('run/c', files, checkpointOf(config));
    await expect(readCheckpoint('run/s', files)).rejects.toThrow(
      /found langfield-scene; expected langfield-checkpoint/,
    );
    await expect(readScene('run/c', files)).rejects.toThrow(/found langfield-checkpoint; expected langfield-scene/);
  });

  it('cut short at any place are one clear line', async () => {
    const files = memoryFiles();
    await writeCheckpoint('run/c', files, checkpointOf(tinyConfig()));
    const whole = files.contents.get('run/c')!;
    for (const fraction of [0, 0.001, 0.3, 0.9, 0.9999]) {
      files.contents.set('run/c', whole.subarray(0, Math.floor(whole.length * fraction)));
      await expect(readCheckpoint('run/c', files)).rejects.toThrow(/run\/c: the file is cut short/);
    }
  });

  it('with a misshapen or missing parameter are refused by name', async () => {
    const files = memoryFiles();
    const config = tinyConfig();
    await writeScene('run/s', files, { config, parameters: filled(config, 0) });
    const { tensors, metadata } = decodeSafetensors(files.contents.get('run/s')!, 's');
    tensors.set('camera.pose', { shape: [2, 6], data: new Float32Array(12) });
    files.contents.set('run/s', encodeSafetensors(tensors, metadata));
    await expect(readScene('run/s', files)).rejects.toThrow(/camera\.pose: .*found \[2, 6\]; expected \[3, 6\]/);
    tensors.delete('camera.pose');
    files.contents.set('run/s', encodeSafetensors(tensors, metadata));
    await expect(readScene('run/s', files)).rejects.toThrow(/camera\.pose: .*found nothing/);
    files.contents.set('run/s', encodeSafetensors(tensors, { ...metadata, config: '{}' }));
    await expect(readScene('run/s', files)).rejects.toThrow(/run\/s: config: the header is damaged/);
  });

  it('on a full disk leave the one before', async () => {
    const files = memoryFiles();
    const before = checkpointOf(tinyConfig());
    await writeCheckpoint('run/c', files, before);
    files.beforeWrite = (path) => {
      throw diskFull(path);
    };
    const after = { ...before, position: { ...before.position, step: 10 } };
    await expect(writeCheckpoint('run/c', files, after)).rejects.toThrow(/the disk is full/);
    expect((await readCheckpoint('run/c', files))?.position.step).toBe(9);
  });
});
