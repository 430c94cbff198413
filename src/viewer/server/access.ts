/**
 * Who may ask. On loopback everyone on this machine may, but only under a loopback name: a page elsewhere whose name
 * was made to point here (DNS rebinding) is refused by the Host header. On any other address the token counts, which
 * arrives once in the address and stays in a cookie. Requests that another site's page makes are refused everywhere.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface AccessRules {
  loopback: boolean;
  token?: string;
}

export type Verdict =
  | { kind: 'allowed' }
  /** The right token stood in the address: keep it in a cookie and go on without it. */
  | { kind: 'welcome' }
  | { kind: 'refused'; status: 401 | 403; message: string; badToken: boolean };

export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Each port has its own cookie, because cookies do not know ports. */
export const cookieName = (port: number): string => `langfield-${port}`;

export function judge(rules: AccessRules, url: URL, headers: IncomingHttpHeaders, port: number): Verdict {
  if (headers.host === undefined || (rules.loopback && !isLoopbackHost(hostName(headers.host))))
    return refuse(403, 'This server answers under the name of this machine only, such as localhost.');
  const site = headers['sec-fetch-site'];
  // Following a link to the page is fine; loading parts of it from elsewhere is not.
  if ((site === 'cross-site' || site === 'same-site') && headers['sec-fetch-mode'] !== 'navigate')
    return refuse(403, 'Requests from other sites are not answered.');
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`)
    return refuse(403, 'Requests from other sites are not answered.');
  if (rules.token === undefined) return { kind: 'allowed' };
  const given = url.searchParams.get('token');
  if (given !== null) return sameToken(given, rules.token) ? { kind: 'welcome' } : wrongToken();
  const cookie = cookieValue(headers.cookie, cookieName(port));
  if (cookie === undefined)
    return refuse(401, 'This scene needs the token that "langfield view" printed: open the whole address.');
  return sameToken(cookie, rules.token) ? { kind: 'allowed' } : wrongToken();
}

const refuse = (status: 401 | 403, message: string): Verdict => ({ kind: 'refused', status, message, badToken: false });

const wrongToken = (): Verdict => ({
  kind: 'refused',
  status: 401,
  message: 'This is not the token that "langfield view" printed.',
  badToken: true,
});

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

/** In constant time, whatever the lengths. */
function sameToken(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
}
