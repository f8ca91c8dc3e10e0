import type { Entry } from '@/types/entry';
import type { Seq, UserId } from '@/types/ids';
import type { PendingChange, PendingMessage } from '@/types/pending';
import { LogFold } from './logFold';
import { layoutLog, type LogRow } from './logRows';

/** The part of a log that is shown; `LogView` of the store. */
interface Window {
  readonly entries: readonly Entry[];
  readonly about: readonly Entry[];
  readonly first: boolean;
  readonly last: boolean;
}

export interface LayoutInput {
  readonly log: Window;
  readonly pending: readonly PendingMessage[];
  readonly changes: readonly PendingChange[];
  readonly peerReadSeq: Seq;
  readonly peerDeliveredSeq: Seq;
  /** Null: no unread line. */
  readonly unreadAfter: Seq | null;
}

const NOTHING: readonly never[] = [];

/** The rows of one log over time: what did not change stays the same object, so that only what changed is drawn anew. */
export class LogLayout {
  private readonly fold: LogFold;
  private before: readonly LogRow[] = [];

  constructor(private readonly self: UserId) {
    this.fold = new LogFold(self);
  }

  rows({ log, changes, pending, ...rest }: LayoutInput): readonly LogRow[] {
    const { entries, about, first, last } = log;
    const messages = this.fold.update(entries, about, changes);
    // What waits stands after the newest message, or nowhere.
    const waiting = last ? pending : NOTHING;
    this.before = layoutLog(
      { self: this.self, entries, messages, pending: waiting, first, ...rest },
      this.before,
    );
    return this.before;
  }
}
