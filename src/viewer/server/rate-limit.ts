/** A bucket of requests per address: bursts up to `burst`, then `perSecond`. */

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Addresses that are remembered; beyond it the longest unseen are forgotten. */
const mostAddresses = 1000;

export class RateLimit {
  private readonly buckets = new Map<string, Bucket>();
  private readonly burst: number;
  private readonly perSecond: number;
  private readonly now: () => number;

  /** @param now milliseconds */
  constructor(burst: number, perSecond: number, now: () => number) {
    this.burst = burst;
    this.perSecond = perSecond;
    this.now = now;
  }

  /** Whether the address has anything left, without taking it. */
  allows(address: string): boolean {
    return this.fill(address).tokens >= 1;
  }

  /** Takes one; false when nothing was left. */
  take(address: string): boolean {
    const bucket = this.fill(address);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  private fill(address: string): Bucket {
    const now = this.now();
    const known = this.buckets.get(address) ?? { tokens: this.burst, filledAt: now };
    const gained = ((now - known.filledAt) / 1000) * this.perSecond;
    const bucket = { tokens: Math.min(this.burst, known.tokens + gained), filledAt: now };
    // Deleted first, so that the map stays in the order of last use.
    this.buckets.delete(address);
    this.buckets.set(address, bucket);
    if (this.buckets.size > mostAddresses) this.buckets.delete(this.buckets.keys().next().value!);
    return bucket;
  }
}
