import type { Seq } from '@/types/ids';

/** Anything with a position in the log. */
interface Positioned {
  readonly seq: Seq;
}

/** Entries kept that are ahead of a gap. What does not fit is pulled like anything missing. */
const MAX_HELD = 1_000;

/**
 * Puts the entries of one conversation in order ([R1]): applies seq = tip + 1, holds what is ahead, drops what is at or below
 * the tip. Pure: it says what to apply and what is missing, and does nothing itself.
 */
export class GapTracker<Item extends Positioned> {
  private readonly held = new Map<Seq, Item>();
  private highest: Seq;

  constructor(private position: Seq = 0) {
    this.highest = position;
  }

  /** The highest seq that was applied; everything up to it was. */
  get tip(): Seq {
    return this.position;
  }

  /** The highest seq that is known to exist. */
  get known(): Seq {
    return this.highest;
  }

  /** There are entries between the tip and what is known to exist. */
  get isBehind(): boolean {
    return this.highest > this.position;
  }

  /** Takes entries in any order and gives those to apply now, ascending and without repeat. */
  offer(items: readonly Item[]): Item[] {
    for (const item of items) {
      if (item.seq > this.highest) this.highest = item.seq;
      if (item.seq > this.position && (this.held.size < MAX_HELD || item.seq === this.position + 1))
        this.held.set(item.seq, item);
    }
    const applied: Item[] = [];
    for (let next = this.held.get(this.position + 1); next; next = this.held.get(this.position + 1)) {
      this.held.delete(next.seq);
      this.position = next.seq;
      applied.push(next);
    }
    return applied;
  }

  /** The server says that entries up to `tip` exist. */
  learn(tip: Seq): void {
    if (tip > this.highest) this.highest = tip;
  }

  /** Starts again behind `position`: what is before it is not wanted here. */
  restart(position: Seq): void {
    this.position = position;
    if (position > this.highest) this.highest = position;
    for (const seq of this.held.keys()) if (seq <= position) this.held.delete(seq);
  }
}
