/** `langfield models list`: the catalogue and the store, as a table or as JSON. */
import type { Command } from 'commander';
import { catalogue } from '../model-store/catalogue.ts';
import { describeBytes } from '../model-store/store.ts';
import { type FolderState, type ListedModel, listModels } from '../model-store/survey.ts';
import type { CliContext } from './context.ts';
import { modelStoreFolder } from './models-store.ts';

export function addModelsListCommand(models: Command, context: CliContext): void {
  models
    .command('list')
    .description('the models that can be pulled, and what is in the store')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const store = modelStoreFolder();
      const listed = await listModels(store, catalogue, context.platform.files);
      if (json) context.print(JSON.stringify({ store, models: listed }, undefined, 2));
      else for (const line of tableOf(store, listed)) context.print(line);
    });
}

function tableOf(store: string, models: readonly ListedModel[]): string[] {
  const rows = models.map((model) => [model.name, model.role, sizeOf(model), stateOf(model), model.what]);
  const head = ['name', 'role', 'size', 'state', 'what it is'];
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i].length)));
  const line = (row: string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd();
  return [
    `store: ${store}`,
    line(head),
    ...rows.map(line),
    'get one: langfield models pull <name>    use one: langfield train <capture> --encoder <name>',
  ];
}

function sizeOf({ published, encoder, approximateBytes }: ListedModel): string {
  const bytes = (published?.bytes ?? 0) + (encoder?.bytes ?? 0);
  return bytes > 0 ? describeBytes(bytes) : `~${describeBytes(approximateBytes ?? 0)}`;
}

function stateOf({ role, published, encoder, pinned }: ListedModel): string {
  const there = [encoder, published].filter((state): state is FolderState => state !== undefined);
  if (there.length === 0) return pinned ? 'can be pulled' : 'can be pulled (not pinned)';
  if (there.some(({ state }) => state === 'incomplete')) return 'incomplete: pull it again';
  const dates = there.map(({ verified }) => verified?.slice(0, 10)).sort();
  const checked = dates.includes(undefined) ? 'not verified' : `verified ${dates[0]}`;
  return role === 'encoder' && !encoder ? `files only, ${checked}` : `ready, ${checked}`;
}
