// Compiles the CPU kernels (AssemblyScript) into two WebAssembly modules under build/: one with relaxed SIMD
// (fused multiply-add) and a plain SIMD fallback for engines without it. Skips the work when nothing changed.
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));
const entry = 'src/engines/wasm/kernels.as.ts';
const common = [
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory',
  '2',
  '--maximumMemory',
  '65536',
];
const variants = [
  { file: 'build/kernels-relaxed.wasm', features: 'simd,relaxed-simd,threads,bulk-memory' },
  { file: 'build/kernels-simd.wasm', features: 'simd,threads,bulk-memory' },
];

function sourceHash(): string {
  const hash = createHash('sha256');
  const sources = globSync('src/**/*.as.ts', { cwd: root }).sort();
  for (const file of [...sources, 'scripts/build-kernels.ts'])
    hash.update(file).update(readFileSync(`${root}/${file}`));
  return hash.digest('hex');
}

const stamp = `${root}/build/kernels.hash`;
const hash = sourceHash();
const upToDate =
  existsSync(stamp) &&
  readFileSync(stamp, 'utf8') === hash &&
  variants.every(({ file }) => existsSync(`${root}/${file}`));
if (!upToDate) {
  mkdirSync(`${root}/build`, { recursive: true });
  for (const { file, features } of variants) {
    const { error, stderr } = await asc.main([entry, '-o', file, '--enable', features, '--baseDir', root, ...common]);
    if (error) {
      console.error(stderr.toString());
      console.error(`The CPU kernels did not compile (${file}): ${error.message}`);
      process.exit(1);
    }
  }
  writeFileSync(stamp, hash);
}
