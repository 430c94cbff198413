import { describe, expect, it } from 'vitest';
import * as browser from './browser.ts';
import * as library from './index.ts';
import * as node from './node.ts';

describe('the public library', () => {
  it('exports what its users build on', () => {
    expect(Object.keys(library).sort()).toMatchInlineSnapshot(`
      [
        "LangfieldError",
        "answerView",
        "createBuiltinSegmenter",
        "createEngine",
        "describeParameters",
        "frameRays",
        "importEncoder",
        "inferenceRuntime",
        "initialParameters",
        "loadPhoto",
        "loadWebRuntime",
        "openCapture",
        "openDetector",
        "openEncoder",
        "openRegionMaps",
        "openRun",
        "openSegmenter",
        "prepareSupervision",
        "presetConfig",
        "resolvePyramidSettings",
        "resumeRun",
        "runQuery",
        "scoreLabels",
        "scorePhotos",
        "trainNewRun",
        "viewCamera",
      ]
    `);
    expect(Object.keys(node).sort()).toMatchInlineSnapshot(`
      [
        "loadNodeRuntime",
        "nodePlatform",
      ]
    `);
    expect(Object.keys(browser).sort()).toMatchInlineSnapshot(`
      [
        "browserImages",
        "browserMachine",
        "browserTrainingMachine",
        "httpFiles",
        "storedFiles",
      ]
    `);
  });
});
