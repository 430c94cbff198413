/** Choices that belong to this browser and not to a scene or a link. */

/** The choice kept under `key`; a page without storage (a sandboxed frame) has none. */
export function readRemembered<T extends string>(key: string, options: readonly T[], plain: T): T {
  try {
    return options.find((option) => option === localStorage.getItem(key)) ?? plain;
  } catch {
    return plain;
  }
}

export function remember(key: string, option: string): void {
  try {
    localStorage.setItem(key, option);
  } catch {
    // The choice lasts as long as the page.
  }
}
