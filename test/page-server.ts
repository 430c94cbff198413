/** Serves the sources as a browser reads them, cross-origin isolated: for pages in test/browser. */
import { createViteServer } from 'vitest/node';
import { nodePlatform } from '../src/platform/node/index.ts';

/** @param cacheDir where Vite keeps what it transforms */
export async function serveSources(cacheDir: string): Promise<{ url: string; close(): Promise<void> }> {
  const server = await createViteServer({
    root: nodePlatform().packagePath(''),
    configFile: false,
    cacheDir,
    logLevel: 'error',
    // Every dependency of the pages is a module that a browser reads as it is.
    optimizeDeps: { noDiscovery: true },
    server: {
      host: '127.0.0.1',
      port: 0,
      watch: null,
      hmr: false,
      headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
    },
  });
  await server.listen();
  const address = server.httpServer?.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}/test/browser/`, close: () => server.close() };
}
