/**
 * Hands out 64-byte-aligned addresses from a fixed start. Every thread replays the same sequence on the same start, so
 * that all of them know where the shared buffers are without a table of addresses; a dry run from 0 tells the size.
 */
export class Arena {
  private next: number;
  readonly start: number;

  constructor(start: number) {
    this.start = start;
    this.next = start;
  }

  get bytes(): number {
    return this.next - this.start;
  }

  /** Address of `count` floats. Whole 16-wide rows may be read past a buffer's end, hence the margin. */
  floats(count: number): number {
    return this.take(count * 4 + 64);
  }

  take(bytes: number): number {
    const address = this.next;
    this.next += Math.ceil(bytes / 64) * 64;
    return address;
  }
}
