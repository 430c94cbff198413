#!/usr/bin/env node
// Starts the command line. The sources are TypeScript that Node >= 22.18 runs as it is; on an older Node the
// launcher hands over to the `node` package that the repository installs beside itself.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
  await import('../src/cli/main.ts');
} else {
  const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  if (!existsSync(node)) {
    console.error(
      `langfield needs Node 22.18 or newer; this is ${process.versions.node}. Run "npm ci" in the repository (it brings its own Node) or install a newer Node.`,
    );
    process.exit(1);
  }
  // Ctrl-C reaches the child through the terminal's process group; the launcher only has to wait for it.
  process.on('SIGINT', () => {});
  const child = spawnSync(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(child.status ?? 1);
}
