/**
 * Makes the page cross-origin isolated on a host that does not send the headers for it, through a service worker. Where
 * that cannot be – no secure connection, no service workers – the engine runs on one thread.
 */

/** Set while the page is loaded again for the service worker, so that it never loops. */
const triedKey = 'langfield-isolation';
const patienceMs = 4000;

/** True when the page is about to be loaded again and nothing should be started. */
export async function becomeIsolated(): Promise<boolean> {
  if (crossOriginIsolated || !isSecureContext || !('serviceWorker' in navigator)) return false;
  try {
    if (sessionStorage.getItem(triedKey) !== null) return false;
    const worker = new URL('./isolation-worker.js', document.baseURI);
    await navigator.serviceWorker.register(worker, { type: 'module' });
    if (navigator.serviceWorker.controller === null) await controlled();
    sessionStorage.setItem(triedKey, '1');
    location.reload();
    return true;
  } catch {
    return false;
  }
}

function controlled(): Promise<void> {
  return new Promise((resolve, reject) => {
    navigator.serviceWorker.addEventListener('controllerchange', () => resolve(), { once: true });
    setTimeout(() => reject(new Error('the service worker did not take over')), patienceMs);
  });
}
