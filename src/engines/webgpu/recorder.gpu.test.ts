/** What the GPU's foundation promises: order of work, bounded submits, folded dispatches, errors that name the kernel. */
import { expect, it } from 'vitest';
import { describeGpu } from '../../../test/gpu.ts';
import { defineKernel, read, write } from '../../ops/wgsl/kernel.ts';
import { Arena, upload, viewOf } from './arena.ts';
import { Recorder } from './recorder.ts';

const scaleAndShift = defineKernel({
  name: 'test-scale-and-shift',
  params: { length: 'u32', shift: 'i32', factor: 'f32' },
  buffers: { values: write('f32', '[length] = values · factor · gain + shift') },
  constants: { gain: { type: 'f32', value: 1 } },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ length }) => length,
  body: 'values[index] = values[index] * params.factor * gain + f32(params.shift);',
});

const countGroups = defineKernel({
  name: 'test-count-groups',
  params: { groups: 'u32' },
  buffers: { visits: write('atomic<u32>', '[2] += number of groups; max= last group') },
  workgroupSize: 1,
  over: 'groups',
  count: ({ groups }) => groups,
  body: 'atomicAdd(&visits[0], 1u); atomicMax(&visits[1], group);',
});

const copyKernel = defineKernel({
  name: 'test-copy',
  params: { length: 'u32' },
  buffers: { source: read('f32', '[length]'), copied: write('f32', '[length] =') },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ length }) => length,
  body: 'copied[index] = source[index];',
});

const broken = defineKernel({
  name: 'test-broken',
  params: { length: 'u32' },
  buffers: { values: write('f32', '[length]') },
  workgroupSize: 64,
  over: 'invocations',
  count: ({ length }) => length,
  body: 'values[index] = 1u;',
});

describeGpu('recorder', (gpu) => {
  it('runs dispatches in order over several submits, with parameters of their own', async () => {
    const recorder = new Recorder(gpu.opened, { dispatchesPerSubmit: 3, submitsInFlight: 1 });
    const values = await gpu.floats([1, 2, 3, 4, 5]);
    let expected = [1, 2, 3, 4, 5];
    for (let i = 0; i < 10; i++) {
      const params = { length: 5, shift: i - 4, factor: 1 + i / 8 };
      recorder.dispatch(scaleAndShift, { params, buffers: { values } });
      expected = expected.map((v) => Math.fround(Math.fround(v * params.factor) + params.shift));
    }
    const actual = Array.from(await recorder.download(values));
    for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i], 3);
  });

  it('keeps the order of submits that overlap, also while the first compiles', async () => {
    const recorder = new Recorder(gpu.opened);
    const [source, copied] = [await gpu.floats([1, 2, 3]), await gpu.zeros('f32', 3)];
    const buffers = { values: source };
    await recorder.dispatch(scaleAndShift, { params: { length: 3, shift: 0, factor: 2 }, buffers }).submit();
    const first = recorder.dispatch(copyKernel, { params: { length: 3 }, buffers: { source, copied } }).submit();
    const second = recorder.dispatch(scaleAndShift, { params: { length: 3, shift: 9, factor: 1 }, buffers }).submit();
    await Promise.all([first, second]);
    expect(Array.from(await recorder.download(copied))).toEqual([2, 4, 6]);
    expect(Array.from(await recorder.download(source))).toEqual([11, 13, 15]);
  });

  it('takes constants, clears and copies between dispatches, and leaves empty dispatches out', async () => {
    const [values, kept] = [await gpu.floats([1, 2, 3]), await gpu.zeros('f32', 3)];
    const buffers = { values };
    gpu.recorder
      .dispatch(scaleAndShift, { params: { length: 3, shift: 0, factor: 1 }, buffers, constants: { gain: 10 } })
      .copy(values, kept)
      .clear(values)
      .dispatch(scaleAndShift, { params: { length: 0, shift: 9, factor: 1 }, buffers })
      .dispatch(scaleAndShift, { params: { length: 2, shift: 7, factor: 1 }, buffers });
    expect(Array.from(await gpu.read(values))).toEqual([7, 7, 0]);
    expect(Array.from(await gpu.read(kept))).toEqual([10, 20, 30]);
  });

  it('folds more groups than one dimension holds', async () => {
    const visits = await gpu.zeros('u32', 2);
    const groups = 65535 + 70;
    await gpu.run(countGroups, { params: { groups }, buffers: { visits } });
    expect(Array.from(await gpu.read(visits))).toEqual([groups, groups - 1]);
  });

  it('times kernels where the adapter has a clock, and computes the same', async ({ skip }) => {
    if (!gpu.opened.features.timestamps) return skip('the adapter has no timestamp-query');
    const recorder = new Recorder(gpu.opened, { dispatchesPerSubmit: 2, timed: true });
    const values = await gpu.floats([1, 2, 3]);
    const given = { params: { length: 3, shift: 1, factor: 2 }, buffers: { values } };
    for (let i = 0; i < 3; i++) recorder.dispatch(scaleAndShift, given);
    expect(Array.from(await recorder.download(values))).toEqual([15, 23, 31]);
    const times = recorder.times();
    expect([...times.keys()]).toEqual(['test-scale-and-shift']);
    expect(times.get('test-scale-and-shift')).toMatchObject({ dispatches: 3, milliseconds: expect.any(Number) });
    expect(recorder.times().size).toBe(0);
  });

  it('binds parts of an array', async () => {
    const { opened } = gpu;
    const arena = await Arena.allocate(opened, {
      whole: { scalar: 'f32', length: 200, purpose: 'activations' },
      part: { scalar: 'f32', length: 3, purpose: 'activations' },
    });
    const { whole, part } = arena.arrays;
    upload(
      opened,
      whole,
      Float32Array.from({ length: 200 }, (_, i) => i),
    );
    const buffers = { source: viewOf(opened, whole, 64, 5), copied: part };
    await gpu.run(copyKernel, { params: { length: 3 }, buffers });
    expect(Array.from(await gpu.read(part))).toEqual([64, 65, 66]);
    expect(() => viewOf(opened, whole, 190, 20)).toThrow(/no part of 20 from 190/);
    arena.free();
  });

  it('moves halves of any number', async () => {
    const halves = Uint16Array.of(0x3c00, 0x4000, 0x4200);
    expect(await gpu.read(await gpu.place('f16', halves))).toEqual(halves);
  });

  it('names kernel and line of a shader that does not compile', async () => {
    const values = await gpu.zeros('f32', 1);
    await expect(gpu.run(broken, { params: { length: 1 }, buffers: { values } })).rejects.toThrow(
      /line \d+, "values\[index\] = 1u;": the GPU kernel test-broken does not compile \(found .*\)/,
    );
    await expect(gpu.recorder.finish()).resolves.toBeUndefined();
  });

  it('refuses to plan more than the limit', async () => {
    const request = { scalar: 'f32', length: 1 << 20, purpose: 'activations' } as const;
    await expect(Arena.allocate(gpu.opened, { request }, { maxMemory: 1 << 20 })).rejects.toThrow(/--max-memory/);
  });

  it('blames the kernels in flight for an error, and stays failed', async () => {
    const own = await gpu.another();
    const [source, copied] = [await own.floats([1, 2]), await own.zeros('f32', 2)];
    copied.buffer.destroy();
    const failure = /the GPU refused work.*test-copy/;
    await expect(own.run(copyKernel, { params: { length: 2 }, buffers: { source, copied } })).rejects.toThrow(failure);
    await expect(own.recorder.submit()).rejects.toThrow(failure);
    own.opened.close();
  });

  it('reports a lost device', async () => {
    const own = await gpu.another();
    const values = await own.floats([1, 2]);
    own.opened.device.destroy(); // behind the engine's back, as a driver would
    await own.opened.device.lost;
    await expect(
      own.run(scaleAndShift, { params: { length: 2, shift: 0, factor: 1 }, buffers: { values } }),
    ).rejects.toThrow(/the GPU was lost/);
  });
});
