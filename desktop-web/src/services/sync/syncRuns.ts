import type { CatchUp, Progress } from './catchUp';

export interface SyncRunsListener {
  /** A sync goes on; null when it is done. */
  readonly onProgress: (progress: { done: number; total: number } | null) => void;
  readonly onSynced: () => void;
  readonly onFailed: (error: unknown) => void;
}

/** One sync after the other ([S5], [R8]): hints that come during one cause one more, and so does a session that comes meanwhile. */
export class SyncRuns {
  private running = false;
  private again = false;

  constructor(
    private readonly catchUp: () => CatchUp | null,
    private readonly listener: SyncRunsListener,
  ) {}

  /** Something may have been missed. */
  request(): void {
    if (this.running) this.again = true;
    else void this.run();
  }

  private async run(): Promise<void> {
    const catchUp = this.catchUp();
    if (!catchUp) return;
    this.running = true;
    this.again = false;
    const progress: Progress = (done, total) => this.listener.onProgress({ done, total });
    try {
      progress(0, 0);
      await catchUp.run(progress);
      this.listener.onSynced();
    } catch (error) {
      this.listener.onFailed(error);
    }
    this.running = false;
    const latest = this.catchUp();
    if (this.again || (latest && latest !== catchUp)) void this.run();
    else this.listener.onProgress(null);
  }
}
