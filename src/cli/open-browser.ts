/** Opens an address in the browser that the system uses. Where there is none, the printed address is all there is. */
import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';

/** What `--open` says in the help of commands. */
export const openHelp = 'open the page in the default browser';

/** Resolves once it is known whether a browser was called; never fails. */
export function openBrowser(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const opener = startOpener(url);
    opener.once('error', () => resolve(false));
    // Some openers stay until the browser is closed.
    const patience = setTimeout(() => resolve(true), 3000);
    opener.once('exit', (code) => {
      clearTimeout(patience);
      resolve(code === 0);
    });
    opener.unref();
  });
}

function startOpener(url: string): ChildProcess {
  const options = { stdio: 'ignore', detached: true } as const;
  if (process.platform === 'darwin') return spawn('open', [url], options);
  // An empty title, and quotes of our own: "start" reads the line itself.
  if (process.platform === 'win32')
    return spawn('cmd', ['/c', 'start', '""', `"${url}"`], { ...options, windowsVerbatimArguments: true });
  return spawn('xdg-open', [url], options);
}

/** Opens the page and says so when that did not work, without waiting for it. */
export function openPage(url: string, log: (line: string) => void): void {
  void openBrowser(url).then((opened) => {
    if (!opened) log('No browser could be opened here; open the address yourself.');
  });
}
