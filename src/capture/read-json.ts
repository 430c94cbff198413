/**
 * Reads JSON that people and Python scripts wrote: says line and column of a mistake, and understands Python's bare
 * NaN and Infinity so far that the entry holding them can be named. Checks the content against a zod schema and
 * words the first disagreement for a person.
 */
import type { z } from 'zod';
import { LangfieldError } from '../errors.ts';
import type { FileSystem } from '../platform/platform.ts';

const token =
  /([{}[\],:])|("(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/uy;
const blanks = /[ \t\r\n]*/y;

type Expectation =
  | 'a value'
  | 'a value or "]"'
  | 'a name in quotes'
  | 'a name in quotes or "}"'
  | '":"'
  | '"," or the end';

/** The state after a token, or undefined when the token may not stand there. */
function advance(text: string, open: string[], expected: Expectation): Expectation | undefined {
  const wantsValue = expected.startsWith('a value');
  if (text === '{' || text === '[') {
    if (!wantsValue) return undefined;
    open.push(text);
    return text === '{' ? 'a name in quotes or "}"' : 'a value or "]"';
  }
  if (text === '}' || text === ']') {
    const mayClose = expected === '"," or the end' || expected.endsWith(`or "${text}"`);
    if (!mayClose || open.pop() !== (text === '}' ? '{' : '[')) return undefined;
    return '"," or the end';
  }
  if (text === ',') {
    if (expected !== '"," or the end' || open.length === 0) return undefined;
    return open[open.length - 1] === '{' ? 'a name in quotes' : 'a value';
  }
  if (text === ':') return expected === '":"' ? 'a value' : undefined;
  if (expected.startsWith('a name')) return text.startsWith('"') ? '":"' : undefined;
  return wantsValue ? '"," or the end' : undefined;
}

/** Where the text stops being JSON, and what should have stood there. */
export function locateJsonError(text: string): { line: number; column: number; expected: string } | undefined {
  const open: string[] = [];
  let expected: Expectation = 'a value';
  let offset = 0;
  for (;;) {
    blanks.lastIndex = offset;
    blanks.exec(text);
    offset = blanks.lastIndex;
    if (offset === text.length && open.length === 0 && expected === '"," or the end') return undefined;
    token.lastIndex = offset;
    const match = offset < text.length ? token.exec(text) : null;
    const next: Expectation | undefined = match === null ? undefined : advance(match[0], open, expected);
    if (match === null || next === undefined) break;
    expected = next;
    offset += match[0].length;
  }
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before[before.length - 1].length + 1, expected };
}

/** Python's json module writes NaN and Infinity bare; as strings they parse, and the schema then names their entry. */
function quoteNonFinite(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (found) =>
    found.startsWith('"') ? found : `"${found}"`,
  );
}

export function parseJson(text: string, file: string): unknown {
  const clean = text.startsWith('\ufeff') ? text.slice(1) : text;
  try {
    return JSON.parse(clean);
  } catch (first) {
    const quoted = quoteNonFinite(clean);
    try {
      return JSON.parse(quoted);
    } catch {
      const place = locateJsonError(clean) ?? { line: 1, column: 1, expected: 'JSON' };
      const rest =
        clean
          .split('\n')
          [place.line - 1]?.slice(place.column - 1)
          .trim() ?? '';
      throw new LangfieldError(
        {
          problem: 'this is not valid JSON',
          file,
          field: `line ${place.line}, column ${place.column}`,
          found: rest === '' ? 'the end of the line or file' : rest.slice(0, 30),
          expected: place.expected,
          advice: 'Correct it there, or make the file again',
        },
        { cause: first },
      );
    }
  }
}

/** "frames[12].transform_matrix[0][3]". */
function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], root);
}

/** The content of a JSON file, checked; the first disagreement with the schema is the error. */
export async function readJson<T>(files: FileSystem, file: string, schema: z.ZodType<T>): Promise<T> {
  const value = parseJson(await files.readText(file), file);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const found = valueAt(value, issue.path);
  const missing = found === undefined;
  throw new LangfieldError({
    problem: missing ? 'this entry is missing' : 'this entry is not what it should be',
    file,
    field: fieldName(issue.path) || undefined,
    found: missing ? undefined : describeValue(found),
    expected: describeIssue(issue),
    advice: 'Correct the entry, or make the file again with the program that wrote it',
  });
}

function describeValue(value: unknown): string {
  if (typeof value === 'string' && /^(NaN|-?Infinity)$/.test(value)) return value;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value) && value.length > 4) return `a list of ${value.length}`;
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') {
    const names: Record<string, string> = { number: 'a finite number', array: 'a list', string: 'a text' };
    return names[issue.expected] ?? (issue.expected === 'object' ? 'an object { … }' : `${issue.expected}`);
  }
  return issue.message;
}
