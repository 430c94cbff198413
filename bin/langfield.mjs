#!/usr/bin/env node
// Starts the command line. The package holds JavaScript, for Node >= 20.18. A clone holds TypeScript, which Node >= 22.18
// runs as it is; on an older Node the launcher hands over to the `node` package that the clone installs beside itself.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
const isAtLeast = (wantedMajor, wantedMinor) => major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
const compiled = new URL('../src/cli/main.js', import.meta.url);
const bundledNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));

function refuse(message) {
  console.error(`langfield: ${message}`);
  process.exit(1);
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to the child as well; every other way of stopping the launcher has to be passed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

if (existsSync(compiled)) {
  if (!isAtLeast(20, 18)) refuse(`Node ${process.versions.node} is too old. Install Node 20.18 or newer.`);
  await import(compiled.href);
} else if (/[\\/]node_modules[\\/]/.test(fileURLToPath(import.meta.url))) {
  refuse(
    'this is a copy of the sources below node_modules, where Node runs no TypeScript. Install the package that "npm run package" makes in a clone.',
  );
} else if (isAtLeast(22, 18)) {
  await import('../src/cli/main.ts');
} else if (existsSync(bundledNode)) {
  handOver(bundledNode);
} else {
  refuse(
    `the sources need Node 22.18 or newer; this is ${process.versions.node}. Run "npm ci" in the clone (it brings its own Node) or install a newer Node.`,
  );
}
