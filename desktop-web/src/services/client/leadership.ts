/** The name of the lock that the tab with the session holds. */
const LOCK = 'im-rs.session';

/**
 * A page that is loaded anew gets the lock of its former self only when that is gone: this long is waited, milliseconds. A busy
 * machine needs more than a second.
 */
const PATIENCE_MS = 3_000;

/**
 * One tab of a browser has the session ([S8] would let two tabs end each other's). The browser's lock manager says which: it
 * frees the lock when a tab closes or crashes.
 */
export class Leadership {
  private release: (() => void) | null = null;

  /** `onLost` is called when another tab took the lead by `take`. */
  constructor(
    private readonly onLost: () => void,
    private readonly patienceMs: number = PATIENCE_MS,
  ) {}

  /** Leads if no other tab does; says whether it leads now. */
  tryLead(): Promise<boolean> {
    return this.request({ signal: AbortSignal.timeout(this.patienceMs) });
  }

  /** Leads in place of whichever tab did. */
  async take(): Promise<void> {
    await this.request({ steal: true });
  }

  resign(): void {
    this.release?.();
    this.release = null;
  }

  private request(options: LockOptions): Promise<boolean> {
    // Without a lock manager (an old browser) every tab leads, and the server keeps the newest session.
    if (this.release || !('locks' in navigator)) return Promise.resolve(true);
    return new Promise((resolve) => {
      let held: (() => void) | null = null;
      const hold = () => {
        resolve(true);
        return new Promise<void>((release) => {
          held = release;
          this.release = release;
        });
      };
      navigator.locks.request(LOCK, options, hold).catch(() => {
        if (held === null) return resolve(false);
        // A lock that is taken away rejects the request that held it.
        if (this.release !== held) return;
        this.release = null;
        this.onLost();
      });
    });
  }
}
