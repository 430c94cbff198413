// Makes the package that npm publishes, in build/package (or the folder given): the sources as JavaScript with declarations,
// because Node strips no types below node_modules; the built kernels, page and encoder; a package.json for users. Every
// file keeps its place relative to the others. `npm run package` builds first and packs afterwards.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = resolve(process.argv[2] ?? join(root, 'build/package'));

/** What is taken as it is, beside the compiled sources. Each pattern must find something. */
const files = [
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'docs/*.md',
  'bin/langfield.mjs',
  'build/kernels-*.wasm',
  'build/viewer/**/*.*',
  'models/household/README.md',
  'models/household/*.onnx',
  'models/household/{encoder,tokenizer,tokenizer_config}.json',
];

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

function compileSources(): void {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const args = ['--project', join(root, 'tsconfig.package.json'), '--outDir', join(out, 'src')];
  try {
    execFileSync(process.execPath, [compiler, ...args], { stdio: 'inherit' });
  } catch {
    fail('The sources do not compile to a package; see the lines above.');
  }
}

/** Worker files are named by `new URL('./x.ts', import.meta.url)`, which bundlers know and the compiler leaves alone. */
function renameWorkers(): void {
  const pattern = /(new URL\(\s*['"])(\.[^'"]+)\.ts(['"],\s*import\.meta\.url\s*\))/g;
  for (const file of globSync('src/**/*.js', { cwd: out })) {
    const path = join(out, file);
    const text = readFileSync(path, 'utf8');
    const renamed = text.replace(pattern, (_, before: string, name: string, after: string) => {
      if (!existsSync(join(dirname(path), `${name}.js`)))
        fail(`${file} starts ${name}.ts, which is not compiled: list it under "files" in tsconfig.package.json.`);
      return `${before}${name}.js${after}`;
    });
    if (renamed !== text) writeFileSync(path, renamed);
  }
}

function copyFiles(): void {
  for (const pattern of files) {
    const found = globSync(pattern, { cwd: root });
    if (found.length === 0) fail(`The package needs ${pattern} and there is none: run "npm run build" first.`);
    for (const file of found) cpSync(join(root, file), join(out, file));
  }
}

interface SourceManifest {
  exports: Record<string, string>;
  [field: string]: unknown;
}

/** The users' package.json: entries in JavaScript; no scripts, nothing for development, and allowed to be published. */
function writeManifest(): void {
  const source = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as SourceManifest;
  const { private: _private, scripts: _scripts, allowScripts: _allow, devDependencies: _development, ...kept } = source;
  const entries = Object.entries(source.exports).map(([entry, file]) => [
    entry,
    { types: file.replace(/\.ts$/, '.d.ts'), default: file.replace(/\.ts$/, '.js') },
  ]);
  const manifest = { ...kept, exports: { ...Object.fromEntries(entries), './package.json': './package.json' } };
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
compileSources();
renameWorkers();
copyFiles();
writeManifest();
