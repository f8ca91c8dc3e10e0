import { SessionEnded } from '@/services/session/errors';
import type { CatchUp, Progress } from './catchUp';

/** First wait before a sync that failed is asked for again and the ceiling it doubles to, milliseconds. */
const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 30_000;

export interface SyncRunsListener {
  /** A sync goes on, or is asked for again after a wait; null when it is done. */
  readonly onProgress: (progress: { done: number; total: number } | null) => void;
  readonly onSynced: () => void;
  readonly onFailed: (error: unknown) => void;
}

/**
 * One sync after the other ([S5], [R8]): hints that come during one cause one more, and so does a session that comes meanwhile. The only
 * layer that repeats a sync that was refused, because nothing else would bring what it missed. Owns a timer; `stop` ends it.
 */
export class SyncRuns {
  private running = false;
  private again = false;
  /** How long was waited last, milliseconds. */
  private wait = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly catchUp: () => CatchUp | null,
    private readonly listener: SyncRunsListener,
    private readonly random: () => number = Math.random,
  ) {}

  /** Something may have been missed. */
  request(): void {
    if (this.running) this.again = true;
    // One that waits to be asked for again brings this as well.
    else if (this.timer === undefined) void this.run();
  }

  /** The session is gone: the next one begins at once. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.wait = 0;
  }

  private async run(): Promise<void> {
    const catchUp = this.catchUp();
    if (!catchUp) return;
    this.running = true;
    this.again = false;
    const failed = await this.fails(catchUp);
    this.running = false;
    const latest = this.catchUp();
    if (latest && latest !== catchUp) void this.run();
    else if (failed && latest) this.runLater();
    else if (this.again) void this.run();
    else this.listener.onProgress(null);
  }

  /** True when it may go better another time. */
  private async fails(catchUp: CatchUp): Promise<boolean> {
    const progress: Progress = (done, total) => this.listener.onProgress({ done, total });
    try {
      progress(0, 0);
      await catchUp.run(progress);
      this.listener.onSynced();
      this.wait = 0;
      return false;
    } catch (error) {
      this.listener.onFailed(error);
      return !(error instanceof SessionEnded);
    }
  }

  /** Chance keeps clients apart that were refused together. */
  private runLater(): void {
    this.wait = Math.min(MAX_WAIT_MS, Math.max(FIRST_WAIT_MS, this.wait * 2));
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        void this.run();
      },
      this.wait * (0.75 + this.random() * 0.5),
    );
  }
}
