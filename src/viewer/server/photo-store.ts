/** Small JPEGs of the run's photos, made when they are asked for, two at a time, and kept as far as memory allows. */
import { LRUCache } from 'lru-cache';
import type { Platform } from '../../platform/platform.ts';
import { photoJpeg, type SiteContent } from '../site.ts';

const keptBytes = 96 * 2 ** 20;
const atOnce = 2;

export class PhotoStore {
  private readonly cache = new LRUCache<string, Uint8Array>({
    maxSize: keptBytes,
    sizeCalculation: ({ length }) => length,
  });
  private readonly machine: Pick<Platform, 'files' | 'images'>;
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(machine: Pick<Platform, 'files' | 'images'>) {
    this.machine = machine;
  }

  async get(path: string, { photo, longSide }: Extract<SiteContent, { kind: 'photo' }>): Promise<Uint8Array> {
    const kept = this.cache.get(path);
    if (kept !== undefined) return kept;
    if (this.running >= atOnce) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.running++;
    try {
      const bytes = this.cache.get(path) ?? (await photoJpeg(photo, longSide, this.machine));
      this.cache.set(path, bytes);
      return bytes;
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }
}
