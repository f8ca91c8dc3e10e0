interface Waiting {
  readonly owner: object;
  readonly name: string;
  readonly grant: () => void;
}

interface Held {
  readonly owner: object;
  /** Takes the lock away: the request that held it is rejected. */
  readonly lose: () => void;
}

type Work = LockGrantedCallback<unknown>;

/** The lock manager of one browser: exclusive locks, a queue for each, and nothing left of a page that is gone. */
export class FakeLocks {
  private readonly held = new Map<string, Held>();
  private queue: Waiting[] = [];

  /** As one page sees it. `end`: the page is gone, however. */
  page(): { readonly locks: LockManager; readonly end: () => void } {
    const owner = {};
    let ended = false;
    const request = (name: string, ...rest: [LockOptions, Work] | [Work]) => {
      // Nothing comes back to a page that is gone.
      if (ended) return new Promise<unknown>(() => undefined);
      return rest.length === 2
        ? this.request(owner, name, rest[0], rest[1])
        : this.request(owner, name, {}, rest[0]);
    };
    const end = () => {
      ended = true;
      this.queue = this.queue.filter((one) => one.owner !== owner);
      for (const [name, held] of [...this.held]) if (held.owner === owner) this.release(name, held);
    };
    return { locks: { request } as unknown as LockManager, end };
  }

  private request(owner: object, name: string, { signal, steal }: LockOptions, work: Work): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const grant = () => {
        signal?.removeEventListener('abort', abort);
        const held: Held = { owner, lose: () => reject(new DOMException('stolen', 'AbortError')) };
        this.held.set(name, held);
        // The page hears of it a moment later.
        queueMicrotask(() => {
          if (this.held.get(name) !== held) return;
          Promise.resolve(work({ name, mode: 'exclusive' }))
            .then(resolve, reject)
            .finally(() => this.release(name, held));
        });
      };
      const waiting: Waiting = { owner, name, grant };
      const abort = () => {
        this.queue = this.queue.filter((one) => one !== waiting);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort);
      if (steal) {
        const holder = this.held.get(name);
        this.held.delete(name);
        holder?.lose();
        this.queue.unshift(waiting);
      } else this.queue.push(waiting);
      this.next(name);
    });
  }

  private release(name: string, held: Held): void {
    if (this.held.get(name) !== held) return;
    this.held.delete(name);
    this.next(name);
  }

  private next(name: string): void {
    const waiting = this.queue.find((one) => one.name === name);
    if (!waiting || this.held.has(name)) return;
    this.queue = this.queue.filter((one) => one !== waiting);
    waiting.grant();
  }
}
