import type { Entry } from '@/types/entry';
import type { Seq, UserId } from '@/types/ids';
import type { PendingChange } from '@/types/pending';
import { Fold, type FoldedMessage } from './fold';

/** With more entries than this it is made anew from what is shown, so that scrolling through a long log does not gather it all. */
const MAX_KEPT = 2_400;

const NO_CHANGES: readonly PendingChange[] = [];

/** The messages of a log as they are now, by seq. */
export type Messages = (seq: Seq) => FoldedMessage | undefined;

/**
 * Folds the part of a log that is shown, and only what came since the last time. A message that nothing changed stays the same object.
 * Owns no more than it was given.
 */
export class LogFold {
  private fold = new Fold();
  private taken = new Map<Seq, Entry>();

  constructor(private readonly self: UserId) {}

  /** `about`: edits, recalls and reactions that lie elsewhere. */
  update(entries: readonly Entry[], about: readonly Entry[], changes: readonly PendingChange[]): Messages {
    const shown = [...entries, ...about];
    if (
      shown.some((entry) => this.isOutdated(entry)) ||
      this.taken.size > Math.max(MAX_KEPT, shown.length * 2)
    ) {
      this.fold = new Fold();
      this.taken = new Map();
    }
    const news = shown.filter((entry) => this.isNew(entry));
    for (const entry of news) this.taken.set(entry.seq, entry);
    this.fold.add(news);
    const { fold } = this;
    const waitingFor = (seq: Seq) =>
      changes.length === 0 ? NO_CHANGES : changes.filter(({ targetSeq }) => targetSeq === seq);
    return (seq) => fold.messageWith(seq, waitingFor(seq), this.self);
  }

  private isNew(entry: Entry): boolean {
    const taken = this.taken.get(entry.seq);
    return (
      taken !== entry &&
      (taken?.editedSeq !== entry.editedSeq || taken.reactions?.seq !== entry.reactions?.seq)
    );
  }

  /** It came again with other content, such as none after it was taken back: what was known of it must go. */
  private isOutdated(entry: Entry): boolean {
    const taken = this.taken.get(entry.seq);
    return (
      taken !== undefined &&
      taken !== entry &&
      (taken.text !== entry.text || taken.recalledSeq !== entry.recalledSeq)
    );
  }
}
