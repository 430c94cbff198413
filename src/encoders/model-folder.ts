/**
 * What all folders of models share, be it encoder.json, detector.json or segmenter.json that describes the graphs:
 * reading JSON, files that the description names, tokenizers. Every fault is a LangfieldError with file and field.
 */
import type { z } from 'zod';
import { LangfieldError } from '../errors.ts';
import { type FileSystem, joinPath } from '../platform/platform.ts';

/** One kind of folder. */
export interface FolderKind {
  /** As in "the encoder folder". */
  name: string;
  /** The file that describes the graphs, such as encoder.json. */
  description: string;
  /** The page that explains its fields. */
  docs: string;
}

/** A folder on disk and how faults speak of it. */
export interface ModelFolder {
  path: string;
  kind: FolderKind;
  /** The file that names others: the description, or the config.json that stands in for it. */
  descriptionPath: string;
}

/** The description, checked; the first fault is named by its field. `expected` adds what a field may be. */
export function parseDescription<T>(
  schema: z.ZodType<T>,
  json: unknown,
  { descriptionPath, kind }: ModelFolder,
  expected: Readonly<Record<string, string>> = {},
): T {
  const parsed = schema.safeParse(json, { reportInput: true });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue.path.join('.');
  const found = issue.input === undefined ? 'nothing' : (JSON.stringify(issue.input) ?? String(issue.input));
  throw new LangfieldError({
    file: descriptionPath,
    field: field === '' ? undefined : field,
    problem: issue.message.replace(/^Invalid input: /, '').replace(/\.$/, ''),
    found: issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : found.slice(0, 80),
    expected: expected[field],
    advice: `The fields are explained in ${kind.docs}`,
  });
}

/** A file that the description names: the error says which field named it. */
export async function readReferenced(
  { path: folder, descriptionPath, kind }: ModelFolder,
  file: string,
  field: string,
  files: FileSystem,
): Promise<Uint8Array> {
  const path = joinPath(folder, file);
  if (!(await files.stat(path)))
    throw new LangfieldError({
      file: descriptionPath,
      field,
      problem: 'names a file that does not exist',
      found: file,
      expected: `a file at ${path}`,
      advice: `Copy the whole ${kind.name} folder again`,
    });
  return files.readBytes(path);
}

const tokenizerConfigFile = 'tokenizer_config.json';

/** Names, in the folder, of what readTokenizerFiles reads. */
export async function tokenizerFiles(path: string, file: string, files: FileSystem): Promise<string[]> {
  return (await files.stat(joinPath(path, tokenizerConfigFile))) ? [file, tokenizerConfigFile] : [file];
}

/** A tokenizer.json that the description names, and the tokenizer_config.json beside it. */
export async function readTokenizerFiles(
  folder: ModelFolder,
  file: string,
  field: string,
  files: FileSystem,
): Promise<{ path: string; tokenizer: object; tokenizerConfig: object }> {
  await readReferenced(folder, file, field, files);
  const path = joinPath(folder.path, file);
  const configPath = joinPath(folder.path, tokenizerConfigFile);
  return {
    path,
    tokenizer: await readJsonObject(path, files),
    tokenizerConfig: (await files.stat(configPath)) ? await readJsonObject(configPath, files) : {},
  };
}

export async function readJsonObject(path: string, files: Pick<FileSystem, 'readText'>): Promise<object> {
  const text = await files.readText(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new LangfieldError(
      { file: path, problem: 'this is not valid JSON', found: (cause as Error).message, advice: 'Mend or replace it' },
      { cause },
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new LangfieldError({ file: path, problem: 'the file must hold a JSON object', advice: 'Mend or replace it' });
  return value;
}
