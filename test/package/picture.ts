/** Renders a few rays of an untrained scene on whatever machine the package runs on. */
import { createEngine, type EngineMachine, initialParameters, presetConfig } from 'langfield';

const rays = {
  count: 4,
  origins: new Float32Array(12),
  directions: Float32Array.of(1, 0, 0, 0, 1, 0, 0.6, 0, 0.8, 0, 0.8, -0.6),
};

/** [rays, 3] sRGB in 0 … 1 */
export async function picture(machine: EngineMachine): Promise<number[]> {
  const config = presetConfig('small', 2, []);
  const options = { threads: 1, raysPerStep: 1 };
  const engine = await createEngine('wasm', config, initialParameters(config, 7), machine, options);
  const { rgb } = await engine.render(rays, { appearance: true });
  await engine.close();
  return [...(rgb ?? [])];
}
