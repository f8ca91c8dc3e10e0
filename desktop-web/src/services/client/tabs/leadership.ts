/** The name of the lock that the tab with the workspace holds. */
const LOCK = 'im-rs.session';

/**
 * One tab of a browser leads: it has the session ([S8] would let two tabs end each other's) and writes the database. All tabs queue
 * for one lock; the browser's lock manager passes it on when a tab resigns, closes or crashes.
 */
export class Leadership {
  private release: (() => void) | null = null;
  private readonly waiting = new AbortController();

  /** Without a lock manager (an old browser, a page without TLS) every tab leads, and the server keeps the newest session. */
  constructor(private readonly locks: LockManager | undefined) {}

  /** Resolves when this tab leads; never after `resign`. `onLost`: the lead was taken away, as an older version of the page can. */
  async lead(onLost: () => void): Promise<void> {
    const locks = this.locks;
    if (!locks) return;
    await new Promise<void>((resolve) => {
      const hold = () =>
        new Promise<void>((release) => {
          this.release = release;
          resolve();
        });
      locks.request(LOCK, { signal: this.waiting.signal }, hold).catch(() => {
        // Before the turn came, the tab resigned.
        if (this.release === null) return;
        this.release = null;
        onLost();
      });
    });
  }

  /** Leads no longer, or gives up its place in the queue: the next page need not wait until this one is gone. */
  resign(): void {
    const { release } = this;
    this.release = null;
    this.waiting.abort();
    release?.();
  }
}
