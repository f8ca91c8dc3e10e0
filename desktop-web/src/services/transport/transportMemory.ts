/** Failures in a row after which WebTransport is left alone: Chromium slows further attempts of a page down. */
const MAX_FAILURES = 2;

/** How long WebSocket is used then, milliseconds. */
const AVOIDANCE_MS = 5 * 60_000;

/** Remembers whether WebTransport works here ([T4]). Pure: time comes in as an argument, in milliseconds. */
export class TransportMemory {
  private failures = 0;
  private avoidedUntil = 0;

  mayTryWebTransport(now: number): boolean {
    return now >= this.avoidedUntil;
  }

  webTransportFailed(now: number): void {
    this.failures += 1;
    if (this.failures < MAX_FAILURES) return;
    this.failures = 0;
    this.avoidedUntil = now + AVOIDANCE_MS;
  }

  webTransportOpened(): void {
    this.failures = 0;
  }
}
