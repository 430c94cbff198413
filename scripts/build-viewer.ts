// Bundles the viewer page (src/viewer/page) into build/viewer with Vite. Skips the work when nothing changed.
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { metaPolicy } from '../src/viewer/policy.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = `${root}/src/viewer/page`;
const out = `${root}/build/viewer`;

function sourceHash(): string {
  const hash = createHash('sha256');
  const sources = globSync(['src/**/*.{ts,tsx,css,html,svg}', 'build/kernels-*.wasm'], { cwd: root }).sort();
  for (const file of [...sources, 'scripts/build-viewer.ts', 'package.json'])
    if (!file.endsWith('.test.ts')) hash.update(file).update(readFileSync(`${root}/${file}`));
  return hash.digest('hex');
}

const stamp = `${out}.hash`;
const hash = sourceHash();
if (!existsSync(`${out}/index.html`) || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== hash) {
  await build({
    root: page,
    configFile: false,
    publicDir: false,
    // Relative addresses, so that an exported folder works wherever it is put.
    base: './',
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    worker: { format: 'es' },
    build: {
      outDir: out,
      emptyOutDir: true,
      target: 'es2022',
      // Inlined files would be data: addresses, which the page's policy refuses.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2000,
      rolldownOptions: {
        input: { index: `${page}/index.html`, 'isolation-worker': `${page}/isolation-worker.ts` },
        output: {
          // A service worker rules the folder that it lies in, and keeps its name.
          entryFileNames: ({ name }) => (name === 'isolation-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
        },
      },
    },
    plugins: [
      {
        name: 'content-security-policy',
        transformIndexHtml: () => [
          {
            tag: 'meta',
            attrs: { 'http-equiv': 'Content-Security-Policy', content: metaPolicy },
            injectTo: 'head-prepend',
          },
        ],
      },
    ],
  });
  writeFileSync(stamp, hash);
}
