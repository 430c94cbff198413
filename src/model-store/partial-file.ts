/**
 * A file on its way: the bytes so far in `<target>.part`, and beside them what is known of the file they belong to. An
 * answer may only go on where they end if it is certain to be the same file, by its ETag or date (If-Range), or by a
 * hash that decides at the end; otherwise the download begins again.
 */
import { z } from 'zod';
import { LangfieldError } from '../errors.ts';
import type { FileSystem } from '../platform/platform.ts';
import { type Answer, Setback, wholeNumber } from './remote.ts';

const noteSchema = z.object({
  url: z.string(),
  etag: z.string().optional(),
  lastModified: z.string().optional(),
  /** Length of the whole file, bytes. */
  total: z.number().optional(),
  /** As the hub announced it. */
  sha256: z.string().optional(),
  commit: z.string().optional(),
});
type Note = z.infer<typeof noteSchema>;

export class PartialFile {
  readonly path: string;
  /** Bytes on disk. */
  held = 0;
  note: Note;
  /** True when the bytes come from more than one answer. */
  joined = false;
  private readonly notePath: string;
  private readonly url: string;
  private readonly files: FileSystem;

  private constructor(target: string, url: string, files: FileSystem) {
    this.path = `${target}.part`;
    this.notePath = `${target}.part.json`;
    this.url = url;
    this.files = files;
    this.note = { url };
  }

  /** Finds what an earlier run left. `sha256` is the hash that will decide, if there is one. */
  static async open(target: string, url: string, sha256: string | undefined, files: FileSystem): Promise<PartialFile> {
    const partial = new PartialFile(target, url, files);
    partial.held = (await files.stat(partial.path))?.size ?? 0;
    const note = await partial.readNote();
    if (note?.url === url) partial.note = note;
    const decides = sha256 !== undefined || partial.note.sha256 !== undefined;
    if (partial.held > 0 && !decides && validatorOf(partial.note) === undefined) await partial.discard();
    partial.joined = partial.held > 0;
    return partial;
  }

  /** All bytes are here; `bytes` is the length, where known from elsewhere. */
  isComplete(bytes?: number): boolean {
    return this.held > 0 && this.held === (this.note.total ?? bytes);
  }

  requestHeaders(): Record<string, string> {
    // Bytes as they are: a compressed answer has no length to hold it against.
    const plain = { 'accept-encoding': 'identity' };
    if (this.held === 0) return plain;
    const validator = validatorOf(this.note);
    return { ...plain, range: `bytes=${this.held}-`, ...(validator !== undefined && { 'if-range': validator }) };
  }

  /** Takes an answer with a file as the continuation, or as a new beginning. */
  async begin({ response, announced }: Answer): Promise<void> {
    const { headers, status } = response;
    const fresh: Note = {
      url: this.url,
      etag: headers.get('etag') ?? undefined,
      lastModified: headers.get('last-modified') ?? undefined,
      total: totalOf(response) ?? announced.bytes,
      sha256: announced.sha256,
      commit: announced.commit,
    };
    if (announced.bytes !== undefined && fresh.total !== announced.bytes)
      throw new Setback(`the server offers ${fresh.total} bytes of a file of ${announced.bytes}`);
    if (status === 206) {
      const change = this.changeSince(fresh, headers.get('content-range'));
      if (change !== undefined) {
        await this.discard();
        throw new Setback(change);
      }
      this.joined = true;
    } else if (this.held > 0) await this.discard();
    // A 206 may leave out what the first answer said.
    const known = status === 206 ? this.note : {};
    this.note = {
      ...known,
      ...Object.fromEntries(Object.entries(fresh).filter(([, value]) => value !== undefined)),
      url: this.url,
    };
    await this.files.writeAtomic(this.notePath, JSON.stringify(this.note));
  }

  /** Why a 206 does not continue these bytes; undefined when it does. */
  private changeSince(fresh: Note, range: string | null): string | undefined {
    const start = wholeNumber(/^bytes (\d+)-\d+\//.exec(range ?? '')?.[1] ?? null);
    if (start !== this.held) return `the server sent another part than the one asked for (${range ?? 'unnamed'})`;
    for (const key of ['etag', 'total', 'sha256'] as const)
      if (this.note[key] !== undefined && fresh[key] !== undefined && this.note[key] !== fresh[key])
        return 'the file on the server has changed in the meantime';
    return undefined;
  }

  async append(bytes: Uint8Array): Promise<void> {
    const size = (await this.files.stat(this.path))?.size ?? 0;
    if (size !== this.held)
      throw new LangfieldError({
        file: this.path,
        problem: 'another program is writing this file',
        found: `${size} bytes`,
        expected: `${this.held} bytes`,
        advice: 'Let the other download finish, then run the command again',
      });
    await this.files.append(this.path, bytes);
    this.held += bytes.length;
  }

  async discard(): Promise<void> {
    await this.files.remove(this.path);
    await this.files.remove(this.notePath);
    this.held = 0;
    this.joined = false;
    this.note = { url: this.url };
  }

  /** The file is whole and right: it takes its place. */
  async finish(target: string): Promise<void> {
    await this.files.rename(this.path, target);
    await this.files.remove(this.notePath);
  }

  private async readNote(): Promise<Note | undefined> {
    if (!(await this.files.stat(this.notePath))) return undefined;
    try {
      return noteSchema.parse(JSON.parse(await this.files.readText(this.notePath)));
    } catch {
      // A damaged note is as good as none: the bytes are not trusted.
      return undefined;
    }
  }
}

/** What If-Range may carry: a strong ETag, else a date. */
function validatorOf({ etag, lastModified }: Note): string | undefined {
  return etag !== undefined && !etag.startsWith('W/') ? etag : lastModified;
}

/** Length of the whole file that an answer is part of, if it says so. */
function totalOf({ headers, status }: Response): number | undefined {
  if (status === 206) return wholeNumber(/\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1] ?? null);
  const encoding = headers.get('content-encoding');
  return encoding === null || encoding === 'identity' ? wholeNumber(headers.get('content-length')) : undefined;
}
