// Checks that imports between the folders of src/ follow the arrows of ARCHITECTURE.md, and that nothing outside
// platform/node, cli and the tools reaches for Node or the DOM.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** For each room of src/, the rooms it may import from (itself always). */
const allowed: Record<string, string[]> = {
  errors: [],
  math: ['errors'],
  platform: ['errors', 'math'],
  formats: ['errors', 'math'],
  pictures: ['errors', 'math', 'platform', 'formats'],
  capture: ['errors', 'math', 'platform', 'formats'],
  regions: ['errors', 'math', 'platform', 'formats', 'pictures', 'capture'],
  encoders: ['errors', 'math', 'platform', 'formats'],
  'model-store': ['errors', 'platform', 'formats', 'encoders'],
  detectors: ['errors', 'math', 'platform', 'formats', 'encoders'],
  segmenters: ['errors', 'math', 'platform', 'formats', 'regions', 'encoders', 'detectors'],
  pyramid: ['errors', 'math', 'platform', 'formats', 'pictures', 'capture', 'regions', 'encoders'],
  ops: ['errors', 'math'],
  field: ['errors', 'math', 'platform', 'formats', 'ops'],
  engines: ['errors', 'math', 'platform', 'formats', 'ops', 'field'],
  training: [
    'errors',
    'math',
    'platform',
    'formats',
    'pictures',
    'capture',
    'regions',
    'encoders',
    'pyramid',
    'ops',
    'field',
    'engines',
  ],
  query: ['errors', 'math', 'platform', 'formats', 'pictures', 'capture', 'encoders', 'ops', 'field', 'engines'],
  evaluate: [
    'errors',
    'math',
    'platform',
    'formats',
    'pictures',
    'capture',
    'encoders',
    'detectors',
    'field',
    'engines',
    'query',
  ],
  viewer: [
    'errors',
    'math',
    'platform',
    'formats',
    'pictures',
    'capture',
    'regions',
    'encoders',
    'pyramid',
    'field',
    'engines',
    'training',
    'query',
    'evaluate',
  ],
  scenes: ['errors', 'math', 'platform', 'formats', 'pictures', 'capture'],
};
const seesEverything = new Set(['cli', 'index', 'node', 'browser']);
/** Entry points of threads: they only tie a room to the platform they run on. */
const threadEntries = new Set([
  'src/platform/node/engine-worker.ts',
  'src/platform/node/scene-worker.ts',
  'src/platform/browser/engine-worker.ts',
  // Where memory cannot be shared, the one thread is the page's own.
  'src/platform/browser/index.ts',
]);
/** Rooms and parts of rooms that may touch Node. */
const onNode = ['src/platform/node/', 'src/viewer/server/', 'src/cli/'];

const importPattern = /(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g;
const faults: string[] = [];

for (const file of globSync('src/**/*.{ts,tsx}', { cwd: root }).sort()) {
  const isTest = file.endsWith('.test.ts');
  const room = file.split('/')[1].replace(/\.ts$/, '');
  const text = readFileSync(join(root, file), 'utf8');
  for (const [, target] of text.matchAll(importPattern)) {
    if (target.startsWith('node:') && !isTest && !onNode.some((place) => file.startsWith(place)))
      faults.push(`${file}: imports ${target}; only ${onNode.join(', ')} may touch Node`);
    if (!target.startsWith('.')) continue;
    const resolved = relative(root, join(root, dirname(file), target));
    const targetRoom = resolved.split('/')[1]?.replace(/\.ts$/, '');
    if (
      !resolved.startsWith('src/') ||
      !targetRoom ||
      targetRoom === room ||
      isTest ||
      seesEverything.has(room) ||
      threadEntries.has(file)
    )
      continue;
    if (!allowed[room]) faults.push(`${file}: room "${room}" is not in the arrow table of scripts/check-arrows.ts`);
    else if (!allowed[room].includes(targetRoom))
      faults.push(`${file}: ${room} must not import ${targetRoom} (${target})`);
    if (resolved.startsWith('src/platform/node/')) faults.push(`${file}: only src/cli may import platform/node`);
  }
}

if (faults.length > 0) {
  console.error(faults.join('\n'));
  console.error(`${faults.length} arrow(s) point the wrong way; ARCHITECTURE.md shows the allowed ones.`);
  process.exit(1);
}
