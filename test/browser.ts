/** A real browser for tests: Chromium as the system has it, headless, without a network of its own. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** Path of Chromium: LANGFIELD_CHROMIUM, or where systems put it. */
export const chromiumPath = process.env.LANGFIELD_CHROMIUM ?? places.find((path) => existsSync(path));

if (chromiumPath === undefined) {
  const line = 'Chromium is not installed (or LANGFIELD_CHROMIUM not set): tests in a browser';
  if (process.env.LANGFIELD_REQUIRE_BROWSER === '1') throw new Error(`${line} cannot run`);
  console.warn(`${line} are skipped`);
}

/** Flags with which Chromium offers WebGPU in software (SwiftShader). */
export const softwareGpu = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'];

/** @param more flags of Chromium */
export function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      ...more,
    ],
  });
}
