/** What a program does with the package in Node: opens a run, asks it, renders. Prints JSON. */
import { type LangfieldError, type Run, openEncoder, openRun } from 'langfield';
import { loadNodeRuntime, nodePlatform } from 'langfield/node';
import { picture } from './picture.js';

const platform = nodePlatform();
const run: Run = await openRun('run', platform.files);
const encoder = await openEncoder(platform.packagePath('models/household'), platform.files, await loadNodeRuntime());
const vectors = await encoder.encodeTexts(['red mug']);
await encoder.close();
const mistake = await openRun('absent', platform.files).then(
  () => undefined,
  (error: LangfieldError) => error.message,
);
console.log(
  JSON.stringify({
    fields: run.config.scene.languages.length,
    dim: vectors.length,
    mistake,
    rgb: await picture(platform),
  }),
);
