/**
 * Packs langfield as for npm and installs it into an empty folder, offline: npm takes the package from its tarball and the
 * dependencies from links to this checkout's. Dependencies that package.json does not name are not there.
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const checkout = fileURLToPath(new URL('../..', import.meta.url));
const execute = promisify(execFile);

export interface Finished {
  code: number;
  out: string;
  err: string;
}

/** Runs a program to its end; on Windows npm is a script of the shell. */
export async function run(program: string, args: string[], cwd: string): Promise<Finished> {
  try {
    const { stdout, stderr } = await execute(program, args, { cwd, shell: process.platform === 'win32' });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

async function succeed(program: string, args: string[], cwd: string): Promise<string> {
  const { code, out, err } = await run(program, args, cwd);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${out}\n${err}`);
  return out;
}

export interface Packed {
  tarball: string;
  /** Bytes. */
  size: number;
  /** Paths in the package. */
  files: string[];
}

interface Manifest {
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
}

/** @param folder where the unpacked package and the tarball go */
export async function packPackage(folder: string): Promise<Packed> {
  const staging = join(folder, 'package');
  await succeed(process.execPath, [join(checkout, 'scripts/build-package.ts'), staging], checkout);
  const out = await succeed('npm', ['pack', staging, '--pack-destination', folder, '--json'], folder);
  type Report = { filename: string; size: number; files: { path: string }[] };
  // npm 12 reports packages by name, older ones in a list.
  const [report] = Object.values(JSON.parse(out) as Record<string, Report>);
  return { tarball: join(folder, report.filename), size: report.size, files: report.files.map(({ path }) => path) };
}

export async function installPackage(tarball: string, manifest: Manifest, consumer: string): Promise<void> {
  const names = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  const links = names.map((name) => [name, `file:${join(checkout, 'node_modules', name)}`]);
  const dependencies = { langfield: `file:${tarball}`, ...Object.fromEntries(links) };
  const description = { name: 'consumer', private: true, type: 'module', dependencies };
  writeFileSync(join(consumer, 'package.json'), JSON.stringify(description));
  const quietly = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  await succeed('npm', ['install', ...quietly], consumer);
}
