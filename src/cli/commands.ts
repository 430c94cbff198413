/**
 * Every command of `langfield`, in the order of the help. One file per command; each exports
 * `addXCommand(program, context)`. Add yours here: one import and one entry.
 */
import type { Command } from 'commander';
import type { CliContext } from './context.ts';
import { addDemoCommand } from './demo.ts';
import { addEvalCommand } from './eval.ts';
import { addExportCommand } from './export.ts';
import { addInfoCommand } from './info.ts';
import { addModelsCommand } from './models.ts';
import { addPyramidCommand } from './pyramid.ts';
import { addQueryCommand } from './query.ts';
import { addRegionsCommand } from './regions.ts';
import { addRenderCommand } from './render.ts';
import { addSceneCommand } from './scene.ts';
import { addTrainCommand } from './train.ts';
import { addViewCommand } from './view.ts';

export type AddCommand = (program: Command, context: CliContext) => void;

export const commands: AddCommand[] = [
  addInfoCommand,
  addRegionsCommand,
  addPyramidCommand,
  addTrainCommand,
  addQueryCommand,
  addRenderCommand,
  addEvalCommand,
  addViewCommand,
  addExportCommand,
  addModelsCommand,
  addSceneCommand,
  addDemoCommand,
];
