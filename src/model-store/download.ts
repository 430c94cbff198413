/**
 * Downloads one file: goes on where an earlier attempt stopped, waits and tries again after stalls and passing faults,
 * checks length and hash, and only then puts the file in its place. What is wrong is removed, never used; what is only
 * unfinished stays for the next run. It knows nothing of models.
 */
import { LangfieldError } from '../errors.ts';
import { baseName, type FileSystem, type Progress, sha256OfFile, silentProgress } from '../platform/platform.ts';
import { PartialFile } from './partial-file.ts';
import { type Answer, carriesFile, type Fetch, request, Setback, setbackOf } from './remote.ts';
import { describeBytes } from './store.ts';

export interface Download {
  url: string;
  /** Path of the finished file. */
  target: string;
  /** What is known for certain. */
  bytes?: number;
  sha256?: string;
}

export interface DownloadOptions {
  fetch: Fetch;
  files: FileSystem;
  progress?: Progress;
  /** Without a byte for this long, an attempt is given up; default 30 s. */
  stallMs?: number;
  /** Attempts in a row that bring nothing new; default 6. */
  attempts?: number;
  /** Waits between attempts; a test waits shorter. */
  wait?: (ms: number) => Promise<void>;
  /** Bytes that are gathered before they go to the disk; default 256 KiB. */
  flushBytes?: number;
}

export interface Downloaded {
  bytes: number;
  sha256: string;
  /** What the hash was held against. */
  trust: 'catalogue' | 'hub' | 'first download';
  /** The commit that the hub resolved the revision to. */
  commit?: string;
}

const defaults = { stallMs: 30_000, attempts: 6, flushBytes: 2 ** 18 };
/** Smaller files need no bar. */
const shownFrom = 1e6;

/** undefined when there is no such file (HTTP 404). */
export async function downloadFile(download: Download, options: DownloadOptions): Promise<Downloaded | undefined> {
  const { files, progress = silentProgress, attempts = defaults.attempts, wait = sleep } = options;
  const partial = await PartialFile.open(download.target, download.url, download.sha256, files);
  let farthest = partial.held;
  let failures = 0;
  for (;;) {
    try {
      if (!partial.isComplete(download.bytes) && !(await receive(partial, download, options))) return undefined;
      return await accept(partial, download, files);
    } catch (error) {
      if (!(error instanceof Setback)) throw error;
      if (partial.held > farthest) failures = 0;
      farthest = Math.max(farthest, partial.held);
      failures++;
      if (failures >= attempts) throw gaveUp(error, partial, download);
      const pauseMs = Math.max(error.afterMs, 500 * 2 ** failures);
      progress.warn(
        `${baseName(download.target)}: ${error.message}; ${describeBytes(partial.held)} are here, ` +
          `going on in ${Math.round(pauseMs / 1000)} s`,
      );
      await wait(pauseMs);
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function gaveUp(setback: Setback, partial: PartialFile, { url }: Download): LangfieldError {
  const { total } = partial.note;
  return new LangfieldError(
    {
      file: url,
      problem: `the download did not get through: ${setback.message}`,
      found: describeBytes(partial.held),
      expected: total === undefined ? undefined : describeBytes(total),
      advice: 'Run the same command again to go on from here, or name another source with --from',
    },
    { cause: setback },
  );
}

/** Aborts a request when nothing has come for a while. */
function watchStalls(stallMs: number) {
  const controller = new AbortController();
  let stalled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const touch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      stalled = true;
      controller.abort();
    }, stallMs);
  };
  touch();
  return {
    touch,
    signal: controller.signal,
    /** Runs a step of the network; its failures are Setbacks, unless they are faults already. */
    async step<T>(work: Promise<T>): Promise<T> {
      try {
        return await work;
      } catch (error) {
        if (error instanceof LangfieldError || error instanceof Setback) throw error;
        throw stalled ? new Setback(`nothing came for ${Math.round(stallMs / 1000)} s`) : setbackOf(error);
      }
    },
    close() {
      clearTimeout(timer);
      controller.abort();
    },
  };
}

/** One attempt. False when the file is not there; a Setback when it broke off. */
async function receive(partial: PartialFile, download: Download, options: DownloadOptions): Promise<boolean> {
  const watch = watchStalls(options.stallMs ?? defaults.stallMs);
  try {
    const answer = await watch.step(request(download.url, partial.requestHeaders(), options.fetch, watch.signal));
    if (answer.response.status === 416) {
      await partial.discard();
      throw new Setback('the server has fewer bytes than are here already');
    }
    if (!carriesFile(answer, download.url)) return false;
    await partial.begin(answer);
    checkLength(partial.note.total, download, 'the file on offer has another length than the one that is known');
    await receiveBody(answer, partial, watch, options);
    const { total } = partial.note;
    if (total === undefined || partial.held === total) return true;
    if (partial.held > total) await partial.discard();
    throw new Setback(`the server sent ${partial.held < total ? 'less' : 'more'} than it promised`);
  } finally {
    watch.close();
  }
}

async function receiveBody(
  { response }: Answer,
  partial: PartialFile,
  watch: ReturnType<typeof watchStalls>,
  { progress = silentProgress, flushBytes = defaults.flushBytes }: DownloadOptions,
): Promise<void> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const show = shownProgress(partial, progress);
  let gathered: Uint8Array[] = [];
  let waiting = 0;
  const flush = async () => {
    if (waiting === 0) return;
    const bytes = new Uint8Array(await new Blob(gathered as Uint8Array<ArrayBuffer>[]).arrayBuffer());
    gathered = [];
    waiting = 0;
    await partial.append(bytes);
  };
  try {
    for (;;) {
      const { done, value } = await watch.step(reader.read());
      if (done) break;
      watch.touch();
      gathered.push(value);
      waiting += value.length;
      if (waiting >= flushBytes) await flush();
      show(partial.held + waiting);
    }
  } finally {
    // What came before a break is as good as the rest.
    await flush();
  }
  if (partial.held === partial.note.total) show(partial.held, true);
}

/** Shows bytes as a stage of MB (or kB) with the pace. */
function shownProgress(partial: PartialFile, progress: Progress) {
  const { total } = partial.note;
  if (total === undefined || total < shownFrom) return () => {};
  const [unit, name] = total < 20e6 ? [1e3, 'kB'] : [1e6, 'MB'];
  const before = partial.held;
  const startedMs = Date.now();
  progress.start(`${baseName(partial.path).replace(/\.part$/, '')}, ${name}`, Math.ceil(total / unit));
  if (before > 0) progress.update(Math.floor(before / unit));
  return (bytes: number, isWhole = false) => {
    const seconds = (Date.now() - startedMs) / 1000;
    const pace = seconds > 1 ? `${describeBytes(Math.round((bytes - before) / seconds))}/s` : '';
    if (isWhole) progress.finish(pace);
    else progress.update(Math.floor(bytes / unit), pace);
  };
}

function checkLength(found: number | undefined, { url, bytes }: Download, problem: string): void {
  if (found === undefined || bytes === undefined || found === bytes) return;
  throw new LangfieldError({
    file: url,
    problem,
    found: `${found} bytes`,
    expected: `${bytes} bytes`,
    advice: 'Nothing was kept; name another source with --from',
  });
}

/** Checks a file that has come in full, and puts it in its place. */
async function accept(partial: PartialFile, download: Download, files: FileSystem): Promise<Downloaded> {
  const { note, joined, held } = partial;
  if (held === 0 && !(await files.stat(partial.path))) await partial.append(new Uint8Array(0));
  if (download.bytes !== undefined && held !== download.bytes) await partial.discard();
  checkLength(held, download, 'the file that came has another length than the one that is known');
  const sha256 = await sha256OfFile(partial.path, files);
  const expected = download.sha256 ?? note.sha256;
  if (expected !== undefined && sha256 !== expected) {
    await partial.discard();
    // Parts of different files may have met; a whole download decides.
    if (joined) throw new Setback('the parts do not belong together');
    throw new LangfieldError({
      file: download.url,
      problem: 'the file that came is not the one that was asked for, and was removed',
      found: `SHA-256 ${sha256}`,
      expected: `${expected} (${download.sha256 ? 'as known here' : 'as announced by the hub'})`,
      advice: 'Try again; if it stays, name another source with --from',
    });
  }
  await partial.finish(download.target);
  const trust = download.sha256 ? 'catalogue' : note.sha256 ? 'hub' : 'first download';
  return { bytes: held, sha256, trust, ...(note.commit !== undefined && { commit: note.commit }) };
}
