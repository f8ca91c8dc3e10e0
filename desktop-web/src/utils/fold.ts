import { EntryType, isCountable } from '@/protocol/codes';
import type { CountedReactions, Entry } from '@/types/entry';
import type { Seq, UserId } from '@/types/ids';
import type { PendingChange } from '@/types/pending';
import { reactionChange } from './content';
import { foldReactions, type Reaction, type Said } from './foldReactions';

export type { Reaction };

/** A message as it is now ([E6], [E7]). */
export interface FoldedMessage {
  readonly entry: Entry;
  readonly text: string;
  readonly mentions: readonly UserId[];
  /** 0: as sent. */
  readonly editedSeq: Seq;
  /** 0: not taken back. */
  readonly recalledSeq: Seq;
  /** Who took it back; null: not known here. */
  readonly recalledBy: UserId | null;
  readonly reactions: readonly Reaction[];
  /** An own change of it waits to be stored. */
  readonly waiting: boolean;
}

interface Version {
  readonly seq: Seq;
  readonly text: string;
  readonly mentions: readonly UserId[];
}

/** All that is known about one message: each part only ever moves to a higher seq, so the order of entries does not matter. */
interface Known {
  entry: Entry | null;
  version: Version | null;
  recalledSeq: Seq;
  recalledBy: UserId | null;
  /** All reactions that were put and taken off, by seq. */
  readonly said: Map<Seq, Said>;
  /** The reactions up to a seq, of a message that came without what was said before. */
  counted: CountedReactions | null;
  waiting: boolean;
  /** What it folds to; null: something came since. */
  folded: FoldedMessage | null;
}

/** Later than everything that the server stored. */
const PENDING_SEQ = Number.MAX_SAFE_INTEGER - 1_000_000;

/**
 * Folds the entries of one conversation into its messages as they are now. Entries may come in any order, in any pages, as pushed
 * or as read later, and more than once: the same entries always give the same messages. Pure.
 */
export class Fold {
  private readonly known = new Map<Seq, Known>();

  add(entries: readonly Entry[]): void {
    for (const entry of entries) this.take(entry);
  }

  /** An own change that is not stored yet; `order` rises with each. */
  addPending(change: PendingChange, self: UserId, order: number): void {
    applyPending(this.about(change.targetSeq), change, self, order);
  }

  /** The message with this seq, the same object until something changes it; undefined when it is not held, or no message. */
  message(seq: Seq): FoldedMessage | undefined {
    const known = this.known.get(seq);
    if (!known?.entry) return undefined;
    return (known.folded ??= toMessage(known.entry, known));
  }

  /** The message as it is with own changes of it that wait, which leave no trace here. */
  messageWith(seq: Seq, changes: readonly PendingChange[], self: UserId): FoldedMessage | undefined {
    const known = this.known.get(seq);
    if (!known?.entry || changes.length === 0) return this.message(seq);
    const changed: Known = { ...known, said: new Map(known.said) };
    changes.forEach((change, order) => applyPending(changed, change, self, order));
    return toMessage(known.entry, changed);
  }

  /** All messages, ascending. */
  messages(): FoldedMessage[] {
    const messages = [...this.known.values()].flatMap((known) =>
      known.entry ? [toMessage(known.entry, known)] : [],
    );
    return messages.sort((a, b) => a.entry.seq - b.entry.seq);
  }

  private take(entry: Entry): void {
    if (isCountable(entry.type)) {
      const known = this.about(entry.seq);
      known.entry = entry;
      revise(known, { seq: entry.editedSeq, text: entry.text, mentions: entry.mentions });
      if (entry.recalledSeq > 0) recall(known, entry.recalledSeq, null);
      if (entry.reactions && entry.reactions.seq > (known.counted?.seq ?? -1))
        known.counted = entry.reactions;
      return;
    }
    switch (entry.type) {
      case EntryType.Edit: {
        const known = this.about(entry.targetSeq);
        revise(known, { seq: entry.seq, text: entry.text, mentions: entry.mentions });
        // What was said in an edit of a recalled message is gone, and says so.
        if (entry.recalledSeq > 0) recall(known, entry.recalledSeq, null);
        return;
      }
      case EntryType.Recall:
        return recall(this.about(entry.targetSeq), entry.seq, entry.senderId);
      case EntryType.Reaction: {
        const change = reactionChange(entry);
        if (!change) return;
        this.about(entry.targetSeq).said.set(entry.seq, { ...change, seq: entry.seq, user: entry.senderId });
        return;
      }
      default:
    }
  }

  /** For a change of what is known about a message. */
  private about(seq: Seq): Known {
    let known = this.known.get(seq);
    if (!known) {
      known = {
        entry: null,
        version: null,
        recalledSeq: 0,
        recalledBy: null,
        said: new Map<Seq, Said>(),
        counted: null,
        waiting: false,
        folded: null,
      };
      this.known.set(seq, known);
    }
    known.folded = null;
    return known;
  }
}

/** The messages of a stretch of a log with the own changes that wait, by seq. */
export function foldLog(
  entries: readonly Entry[],
  changes: readonly PendingChange[],
  self: UserId,
): ReadonlyMap<Seq, FoldedMessage> {
  const fold = new Fold();
  fold.add(entries);
  changes.forEach((change, order) => fold.addPending(change, self, order));
  return new Map(fold.messages().map((message) => [message.entry.seq, message]));
}

function applyPending(known: Known, change: PendingChange, self: UserId, order: number): void {
  const seq = PENDING_SEQ + order;
  known.waiting = true;
  switch (change.kind) {
    case 'edit':
      return revise(known, { seq, text: change.text, mentions: change.mentions });
    case 'recall':
      return recall(known, seq, self);
    case 'reaction':
      known.said.set(seq, { seq, on: !change.remove, user: self, reaction: change.text });
  }
}

function revise(known: Known, version: Version): void {
  if (!known.version || version.seq >= known.version.seq) known.version = version;
}

/** The first recall is the one; a message that came taken back knows its seq, and the entry itself knows who it was. */
function recall(known: Known, seq: Seq, by: UserId | null): void {
  if (known.recalledSeq === 0 || seq < known.recalledSeq) {
    known.recalledSeq = seq;
    known.recalledBy = by;
  } else if (seq === known.recalledSeq) {
    known.recalledBy ??= by;
  }
}

function toMessage(entry: Entry, known: Known): FoldedMessage {
  const { version, recalledSeq, recalledBy, said, counted, waiting } = known;
  if (recalledSeq > 0) {
    return { entry, text: '', mentions: [], editedSeq: 0, recalledSeq, recalledBy, reactions: [], waiting };
  }
  return {
    entry,
    text: version?.text ?? '',
    mentions: version?.mentions ?? [],
    editedSeq: version?.seq ?? 0,
    recalledSeq: 0,
    recalledBy: null,
    reactions: foldReactions(said.values(), counted),
    waiting,
  };
}
