/**
 * A service worker for static hosts that cannot send headers: it adds the ones that make the page cross-origin isolated,
 * so that threads may share memory. It changes nothing else, caches nothing and touches no other origin.
 */
import { isolationHeaders } from '../policy.ts';

/** The part of ServiceWorkerGlobalScope that is used here; the DOM's types do not have it. */
interface WorkerScope {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  location: Location;
  addEventListener(
    type: 'install' | 'activate',
    listener: (event: { waitUntil(done: Promise<unknown>): void }) => void,
  ): void;
  addEventListener(
    type: 'fetch',
    listener: (event: { request: Request; respondWith(response: Promise<Response>): void }) => void,
  ): void;
}

const scope = self as unknown as WorkerScope;

scope.addEventListener('install', (event) => event.waitUntil(scope.skipWaiting()));
scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener('fetch', (event) => {
  if (new URL(event.request.url).origin === scope.location.origin) event.respondWith(isolated(event.request));
});

async function isolated(request: Request): Promise<Response> {
  const answer = await fetch(request);
  // Opaque answers (status 0) cannot be rebuilt, and empty ones may not have a body.
  if (answer.status === 0 || answer.status === 204 || answer.status === 304 || answer.type === 'opaqueredirect')
    return answer;
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(isolationHeaders)) headers.set(name, value);
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}
