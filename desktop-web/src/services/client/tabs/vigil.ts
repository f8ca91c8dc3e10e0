/** Whoever leads answers at once, hidden or not: one that does not is frozen. Seconds. */
const ANSWERED_WITHIN = 5;

/** How often the leading tab is asked, seconds. A system may freeze it some time after it was hidden. */
const ASKED_EVERY = 10;

export interface VigilParts {
  /** Calls until it is stopped by what it returns. */
  readonly everySecond: (tick: () => void) => () => void;
  /** The leading tab is to say a word; followed by `asked`. */
  readonly ask: () => void;
  /** It said none. */
  readonly onSilent: () => void;
}

/**
 * A tab that somebody sees makes sure that the one that leads is awake. Counts ticks and not the clock, because a second in which this
 * tab itself slept says nothing about the other. Its ticks end with `watch(false)`.
 */
export class Vigil {
  private seconds = 0;
  private isAsking = false;
  private stop: (() => void) | null = null;

  constructor(private readonly parts: VigilParts) {}

  /** Somebody sees this tab, or nobody does any more. */
  watch(visible: boolean): void {
    if (visible === (this.stop !== null)) return;
    this.stop?.();
    this.stop = visible ? this.parts.everySecond(() => this.tick()) : null;
    this.seconds = 0;
    if (visible && !this.isAsking) this.parts.ask();
  }

  asked(): void {
    this.isAsking = true;
    this.seconds = 0;
  }

  heard(): void {
    this.isAsking = false;
    this.seconds = 0;
  }

  private tick(): void {
    this.seconds += 1;
    if (this.isAsking && this.seconds === ANSWERED_WITHIN) {
      this.seconds = 0;
      this.parts.onSilent();
    } else if (!this.isAsking && this.seconds === ASKED_EVERY) this.parts.ask();
  }
}
