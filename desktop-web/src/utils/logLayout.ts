import type { Entry } from '@/types/entry';
import type { Seq, UserId } from '@/types/ids';
import type { PendingChange, PendingMessage } from '@/types/pending';
import type { Quotes } from '@/types/quote';
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
  /** What is answered and may lie elsewhere. */
  readonly quotes?: Quotes | undefined;
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

  rows({ log, changes, pending, quotes, ...rest }: LayoutInput): readonly LogRow[] {
    const { entries, about, first, last } = log;
    const elsewhere = quotes ? outside(entries, quotes) : NOTHING;
    const messages = this.fold.update(entries, [...about, ...elsewhere], changes);
    // What waits stands after the newest message, or nowhere.
    const waiting = last ? pending : NOTHING;
    this.before = layoutLog(
      { self: this.self, entries, messages, quotes, pending: waiting, first, ...rest },
      this.before,
    );
    return this.before;
  }
}

/** Of what lies in the window the window knows more. */
function outside(entries: readonly Entry[], { sources, changes }: Quotes): readonly Entry[] {
  const from = entries[0]?.seq ?? 0;
  const to = entries.at(-1)?.seq ?? 0;
  const isOutside = (seq: Seq) => seq < from || seq > to;
  const messages = [...sources.values()].flatMap((entry) => (entry && isOutside(entry.seq) ? [entry] : []));
  return [...messages, ...changes.filter(({ seq, targetSeq }) => isOutside(seq) && isOutside(targetSeq))];
}
