const INITIAL_MS = 500;
const MAX_MS = 30_000;

/**
 * Waiting times between attempts to connect: full jitter over 0.5 s that doubles to 30 s ([S6]), so that the clients of a
 * node that died do not come back together.
 */
export class Backoff {
  private attempts = 0;

  constructor(private readonly random: () => number = Math.random) {}

  /** Attempts since the last success. */
  get attempt(): number {
    return this.attempts;
  }

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const ceiling = Math.min(MAX_MS, INITIAL_MS * 2 ** this.attempts);
    this.attempts += 1;
    return Math.round(this.random() * ceiling);
  }

  reset(): void {
    this.attempts = 0;
  }
}
