/**
 * One request to a model hub: redirects, what the hub announces about a file, and which answers are worth another
 * attempt. `fetch` is an argument, so the same code runs in Node, in a browser and against a test.
 */
import { LangfieldError } from '../errors.ts';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** What the hub itself says about a file before it sends one elsewhere for the bytes. */
export interface Announced {
  bytes?: number;
  sha256?: string;
  commit?: string;
}

export interface Answer {
  response: Response;
  announced: Announced;
}

/** Something that may go better next time. */
export class Setback extends Error {
  override readonly name = 'Setback';
  /** The server's own wish, milliseconds. */
  readonly afterMs: number;

  constructor(reason: string, afterMs = 0, options?: ErrorOptions) {
    super(reason, options);
    this.afterMs = afterMs;
  }
}

const mostRedirects = 10;
const longestRetryAfterMs = 120_000;

/** A failure of the connection, as a Setback with the reason that lies deepest. */
export function setbackOf(error: unknown): Setback {
  let reason = error;
  while (reason instanceof Error && reason.cause instanceof Error) reason = reason.cause;
  const text = reason instanceof Error ? reason.message || (reason as NodeJS.ErrnoException).code : String(reason);
  return new Setback(`the connection failed (${text})`, 0, { cause: error });
}

/** Sends a request and follows redirects by hand, because the hub's announcement stands in the first answer. */
export async function request(
  url: string,
  headers: Record<string, string>,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<Answer> {
  let address = url;
  let announced: Announced = {};
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const response = await fetch(address, { headers, redirect: 'manual', signal });
    announced = { ...announcedBy(response.headers), ...announced };
    // A browser shows nothing of a redirect; it follows by itself when asked to.
    if (response.type === 'opaqueredirect')
      return { response: await fetch(address, { headers, redirect: 'follow', signal }), announced };
    const location = response.headers.get('location');
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return { response, announced };
    await response.body?.cancel();
    address = redirected(address, location);
  }
  throw new LangfieldError({
    file: url,
    problem: 'the server sends from one address to the next without end',
    found: `more than ${mostRedirects} redirects`,
    advice: 'Name another source with --from',
  });
}

function redirected(from: string, location: string): string {
  const target = URL.canParse(location, from) ? new URL(location, from) : undefined;
  const isAllowed = target && (target.protocol === 'https:' || target.protocol === new URL(from).protocol);
  if (isAllowed) return target.href;
  throw new LangfieldError({
    file: from,
    problem: 'the server redirects to an address that is not followed',
    found: location,
    expected: 'an address as safe as the one that was asked',
    advice: 'Name another source with --from',
  });
}

/** Headers of the Hugging Face hub and its mirrors: length and SHA-256 of large files, the commit of the revision. */
function announcedBy(headers: Headers): Announced {
  const sha256 = headers.get('x-linked-etag')?.replaceAll('"', '').toLowerCase();
  const bytes = wholeNumber(headers.get('x-linked-size'));
  const commit = headers.get('x-repo-commit') ?? undefined;
  return {
    ...(sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) && { sha256 }),
    ...(bytes !== undefined && { bytes }),
    ...(commit !== undefined && { commit }),
  };
}

export function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/**
 * Throws for an answer that carries no file: a Setback where another attempt may help, else a LangfieldError. A file
 * that is not there (404, 410) is no fault here: the answer is false.
 */
export function carriesFile({ response }: Answer, url: string): boolean {
  const { status } = response;
  if (status === 200 || status === 206) return true;
  if (status === 404 || status === 410) return false;
  const text = `${status}${response.statusText ? ` ${response.statusText}` : ''}`;
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    throw new Setback(`the server answered ${text}`, retryAfterMs(response.headers.get('retry-after')));
  throw new LangfieldError({
    file: url,
    problem: 'the server does not give this file',
    found: `HTTP ${text}`,
    advice:
      status === 401 || status === 403
        ? 'The repository may have been closed or renamed; download it in a browser and use --from <folder>'
        : 'Name another source with --from',
  });
}

function retryAfterMs(header: string | null): number {
  if (header === null) return 0;
  const seconds = wholeNumber(header);
  const wish = seconds === undefined ? Date.parse(header) - Date.now() : seconds * 1000;
  return Number.isFinite(wish) ? Math.min(Math.max(wish, 0), longestRetryAfterMs) : 0;
}
