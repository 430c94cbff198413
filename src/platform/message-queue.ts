/** Messages of a worker in order: they wait for a receiver, receivers wait for them, and death rejects everyone. */

interface Waiter {
  resolve(message: unknown): void;
  reject(error: Error): void;
}

export class MessageQueue {
  private readonly messages: unknown[] = [];
  private readonly waiters: Waiter[] = [];
  private death: Error | undefined;

  /** Nobody waits for a message. */
  get idle(): boolean {
    return this.waiters.length === 0;
  }

  push(message: unknown): void {
    const waiter = this.waiters.shift();
    if (waiter === undefined) this.messages.push(message);
    else waiter.resolve(message);
  }

  /** The first error counts; messages that came before it can still be received. */
  die(error: Error): void {
    this.death ??= error;
    for (const waiter of this.waiters.splice(0)) waiter.reject(this.death);
  }

  /** @throws the error it died of */
  requireAlive(): void {
    if (this.death !== undefined) throw this.death;
  }

  receive(): Promise<unknown> {
    if (this.messages.length > 0) return Promise.resolve(this.messages.shift());
    if (this.death !== undefined) return Promise.reject(this.death);
    return new Promise((resolve, reject) => this.waiters.push({ resolve, reject }));
  }
}
