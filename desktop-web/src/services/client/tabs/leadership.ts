/** The name of the lock that the tab with the workspace holds. */
const LOCK = 'im-rs.session';

/**
 * One tab of a browser leads: it has the session ([S8] would let two tabs end each other's) and writes the database. All tabs queue
 * for one lock; the browser's lock manager passes it on when a tab resigns, closes or crashes.
 */
export class Leadership {
  private release: (() => void) | null = null;
  private waiting = new AbortController();
  private taking = false;
  private resigned = false;
  private request: (options: LockOptions) => void = () => undefined;

  /** Without a lock manager (an old browser, a page without TLS) every tab leads, and the server keeps the newest session. */
  constructor(private readonly locks: LockManager | undefined) {}

  /** Resolves when this tab leads; never after `resign`. `onLost`: another tab took the lead. */
  async lead(onLost: () => void): Promise<void> {
    const locks = this.locks;
    if (!locks) return;
    await new Promise<void>((resolve) => {
      this.request = (options) => {
        let own: (() => void) | null = null;
        const hold = () => {
          if (this.resigned || options.signal?.aborted) return;
          return new Promise<void>((release) => {
            this.release = own = release;
            resolve();
          });
        };
        locks.request(LOCK, options, hold).catch(() => {
          if (own !== null && own === this.release) {
            this.release = null;
            onLost();
          } else if (options.steal) this.queueAgain();
        });
      };
      this.request({ signal: this.waiting.signal });
    });
  }

  /** Leads before its turn: who leads is frozen, keeps the lock and does nothing. */
  take(): void {
    if (this.release !== null || this.taking || this.resigned) return;
    this.taking = true;
    // One request cannot be both; left in the queue, this one would come after the tab's own lead.
    this.waiting.abort();
    this.request({ steal: true });
  }

  /** Leads no longer, or gives up its place in the queue: the next page need not wait until this one is gone. */
  resign(): void {
    const { release } = this;
    this.resigned = true;
    this.release = null;
    this.waiting.abort();
    release?.();
  }

  /** Another tab took the lead in the same moment. */
  private queueAgain(): void {
    this.taking = false;
    if (this.resigned) return;
    this.waiting = new AbortController();
    this.request({ signal: this.waiting.signal });
  }
}
