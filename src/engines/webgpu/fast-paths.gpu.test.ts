/**
 * Fast paths on every adapter: on where the adapter has them; off, with a line, on a driver that computes wrongly or does
 * not compile them – played by a device that changes the text of its shaders. An engine on such a device renders what plain
 * float32 renders, bit for bit. Pictures from tables in half precision are within 4e-3 of the others: a number of a table
 * is off by 2⁻¹¹ of itself at most, and exponential densities amplify it.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { describeGpu, type GpuBench } from '../../../test/gpu.ts';
import { largestDifference } from '../../../test/numbers.ts';
import type { RenderRequest } from '../engine.ts';
import { livelyParameters, phraseQuery, raysInside, testScene } from '../parity-scene.fixture.ts';
import type { OpenDevice } from './device.ts';
import { type FastPathOptions, verifyFastPaths } from './fast-paths.ts';
import { WebGpuRenderEngine } from './render-engine.ts';

const config = testScene();
const parameters = livelyParameters(config);
const rays = raysInside(70);
const picture: RenderRequest = { appearance: true };
const everything: RenderRequest = { ...picture, query: phraseQuery(config) };
const compileMilliseconds = 600_000;

/** A device of the adapter whose driver reads another text than it is given. */
async function foolishDriver(gpu: GpuBench, change: (code: string) => string): Promise<OpenDevice> {
  const { opened } = await gpu.another();
  const { device } = opened;
  const createShaderModule = device.createShaderModule.bind(device);
  device.createShaderModule = (descriptor) =>
    createShaderModule({ ...descriptor, code: change(descriptor.code as string) });
  return opened;
}

const wrongSums = (code: string) => code.replaceAll('subgroupAdd(', 'subgroupMax(');
const wrongHalves = (code: string) =>
  code.startsWith('enable f16', code.indexOf('\n') + 1)
    ? code.replaceAll('cornerParts(corner, cell.fraction)', '(0.99 * cornerParts(corner, cell.fraction))')
    : code;
const noHalves = (code: string) => code.replaceAll('enable f16;', 'enable f16; no such thing');

async function rendered(opened: OpenDevice, request: RenderRequest, fastPaths?: FastPathOptions) {
  const engine = await WebGpuRenderEngine.create(config, opened, { parameters, fastPaths });
  const result = await engine.render(rays, request);
  const { summary, plan } = engine;
  await engine.close();
  return { result, summary, plan };
}

describeGpu('fast paths', (gpu) => {
  const { features } = gpu.opened;
  let plain: Awaited<ReturnType<typeof rendered>>;
  beforeAll(async () => {
    const { opened } = await gpu.another();
    plain = await rendered(opened, everything, { subgroups: 'off', halfTables: 'off' });
  }, compileMilliseconds);

  it('are on where the adapter has them, and off when they are not wanted', async () => {
    const { opened } = await gpu.another();
    expect(await verifyFastPaths(opened)).toEqual([]);
    expect(opened.paths).toEqual({ subgroupSums: features.subgroups, halfTables: features.halfPrecision });
    expect(await verifyFastPaths(opened, { subgroups: 'off', halfTables: 'off' })).toEqual([]);
    expect(opened.paths).toEqual({ subgroupSums: false, halfTables: false });
    if (!features.halfPrecision)
      await expect(verifyFastPaths(opened, { halfTables: 'on' })).rejects.toThrow(
        /half-precision tables.*does not have/,
      );
    opened.close();
  });

  it('of subgroups are off on a driver that adds wrongly', { timeout: compileMilliseconds }, async ({ skip }) => {
    if (!features.subgroups) return skip('the adapter has no subgroups');
    const opened = await foolishDriver(gpu, wrongSums);
    const [line] = await verifyFastPaths(opened);
    expect(line).toMatch(/^subgroup sums are off on .*: sums differ from plain float32 by \d/);
    expect(opened.paths).toEqual({ subgroupSums: false, halfTables: features.halfPrecision });
    await expect(verifyFastPaths(opened, { subgroups: 'on' })).rejects.toThrow(/cannot be used with subgroup sums/);
    opened.close();
  });

  it('of half precision are off on a driver that interpolates wrongly or compiles nothing of it', {
    timeout: compileMilliseconds,
  }, async ({ skip }) => {
    if (!features.halfPrecision) return skip('the adapter has no shader-f16');
    const faults = [
      [wrongHalves, /^half-precision tables are off on .*: hash grids of 2 features differ from plain float32 by 0\.0/],
      [
        noHalves,
        /^half-precision tables are off on .*: hash grids of 2 features: .*hash-grid-forward-2-f16 does not compile/,
      ],
    ] as const;
    for (const [change, told] of faults) {
      const opened = await foolishDriver(gpu, change);
      expect((await verifyFastPaths(opened))[0]).toMatch(told);
      expect(opened.paths).toEqual({ subgroupSums: features.subgroups, halfTables: false });
      opened.close();
    }
  });

  it('leave an engine on such drivers with what plain float32 renders, and a line that says so', {
    timeout: compileMilliseconds,
  }, async () => {
    expect(plain.summary).toMatch(/^GPU: [^\n]* MB$/);
    const fallen = await rendered(await foolishDriver(gpu, (code) => wrongHalves(wrongSums(code))), picture);
    for (const name of ['rgb', 'depth', 'accumulation'] as const)
      expect(fallen.result[name], name).toEqual(plain.result[name]);
    const off = [features.subgroups && 'subgroup sums', features.halfPrecision && 'half-precision tables'];
    const lines = off.filter((name) => name !== false).map((name) => expect.stringContaining(`${name} are off on`));
    expect(fallen.summary.split('\n')).toEqual([plain.summary, ...lines]);
  });

  describe('with half precision', () => {
    it('take half the memory for tables and render nearly the same', { timeout: compileMilliseconds }, async ({
      skip,
    }) => {
      if (!features.halfPrecision) return skip('the adapter has no shader-f16');
      const { opened } = await gpu.another();
      const half = await rendered(opened, everything, { subgroups: 'off', halfTables: 'on' });
      expect(half.summary).toMatch(/; half-precision tables$/);
      const bytes = (of: typeof half) => of.plan.parts.find(({ purpose }) => purpose === 'parameters')!.bytes;
      const inTables = Array.from(parameters).reduce(
        (sum, [name, v]) => sum + (name.includes('grid') ? v.length : 0),
        0,
      );
      expect(Math.abs(bytes(plain) - bytes(half) - 2 * inTables)).toBeLessThan(1000);
      for (const name of ['rgb', 'accumulation', 'relevancy'] as const)
        expect(largestDifference(half.result[name]!, plain.result[name]!), name).toBeLessThan(4e-3);
      expect(half.result.rgb).not.toEqual(plain.result.rgb);
    });

    it('refuse a table with numbers beyond it', async ({ skip }) => {
      if (!features.halfPrecision) return skip('the adapter has no shader-f16');
      const { opened } = await gpu.another();
      const large = new Map(parameters).set(
        'radiance.grid',
        parameters.get('radiance.grid')!.map((v, i) => (i ? v : 7e4)),
      );
      await expect(WebGpuRenderEngine.create(config, opened, { parameters: large })).rejects.toThrow(
        /radiance\.grid.*70000.*65504 or less.*--precision f32/,
      );
      opened.close();
    });
  });
});
