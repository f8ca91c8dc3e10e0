import { ConversationType, isCountable } from '@/protocol/codes';
import type { ConversationState } from '@/protocol/frames';
import type { StoredConversation } from '@/services/storage/storage';
import type { Conversation } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import type { ConversationId, Seq, UserId } from '@/types/ids';
import { GapTracker } from './gapTracker';

/**
 * One conversation as this device knows it: the server's state, moved on by what is applied, and which part of the log is
 * held. Pure; the owner stores and shows what changes here.
 */
export class ConversationLog {
  private readonly tracker: GapTracker<Entry>;
  /** Up to here the unread count is exact. */
  private counted: Seq;

  private constructor(
    private readonly self: UserId,
    private current: Conversation,
    private from: Seq,
    tip: Seq,
  ) {
    this.tracker = new GapTracker(tip);
    this.tracker.learn(current.tipSeq);
    this.counted = current.tipSeq;
  }

  /** A conversation that is new to this device: nothing of its log is held. */
  static fromState(self: UserId, state: ConversationState): ConversationLog {
    return new ConversationLog(self, toConversation(state), 1, 0);
  }

  static fromStored(self: UserId, { conversation, held }: StoredConversation): ConversationLog {
    return new ConversationLog(self, conversation, held.from, held.to);
  }

  get id(): ConversationId {
    return this.current.id;
  }

  get conversation(): Conversation {
    return this.current;
  }

  /** The highest seq up to which everything from `heldFrom` on is here. */
  get tip(): Seq {
    return this.tracker.tip;
  }

  get heldFrom(): Seq {
    return this.from;
  }

  /** How many entries exist that are not here yet. */
  get missing(): number {
    return this.tracker.known - this.tracker.tip;
  }

  get stored(): StoredConversation {
    return { id: this.id, conversation: this.current, held: { from: this.from, to: this.tip } };
  }

  /** Takes the server's state, which is authoritative ([R4]); own positions that are ahead of it stay. */
  adopt(state: ConversationState): void {
    const own = this.current;
    const readAhead = own.readSeq > state.readSeq;
    this.tracker.learn(state.tipSeq);
    const last = newer(own.last, state.last);
    this.current = {
      ...toConversation(state),
      tipSeq: Math.max(own.tipSeq, state.tipSeq),
      readSeq: Math.max(own.readSeq, state.readSeq),
      peerReadSeq: Math.max(own.peerReadSeq, state.peerReadSeq),
      peerDeliveredSeq: Math.max(own.peerDeliveredSeq, state.peerDeliveredSeq),
      unread: own.tipSeq > state.tipSeq || readAhead ? own.unread : state.unread,
      last,
    };
    this.counted = Math.max(this.counted, state.tipSeq);
    if (this.current.readSeq >= this.counted) this.current = { ...this.current, unread: 0 };
  }

  /** Takes entries in any order and gives those that entered the log, ascending. */
  apply(entries: readonly Entry[]): Entry[] {
    const applied = this.tracker.offer(entries);
    const tip = applied.at(-1);
    if (!tip) return applied;
    const fresh = applied.filter(
      (entry) => entry.seq > this.counted && entry.seq > this.current.readSeq && this.isUnread(entry),
    );
    this.counted = Math.max(this.counted, tip.seq);
    this.current = {
      ...this.current,
      tipSeq: Math.max(this.current.tipSeq, tip.seq),
      unread: this.current.unread + fresh.length,
      last: newer(this.current.last, tip),
    };
    return applied;
  }

  /** Entries before the held part, ascending and directly before it. */
  prepend(entries: readonly Entry[]): void {
    const first = entries[0];
    if (first && entries.at(-1)?.seq === this.from - 1) this.from = first.seq;
  }

  /** Holds nothing any more; the part that comes next starts at `from`. */
  restartAt(from: Seq): void {
    this.from = from;
    this.tracker.restart(from - 1);
  }

  /** Moves the own read position; false when it was there already. `unread`: others' messages after it. */
  moveRead(seq: Seq, unread: number): boolean {
    if (seq <= this.current.readSeq) return false;
    this.current = { ...this.current, readSeq: seq, unread };
    return true;
  }

  /** Moves a position of the peer; false when it was there already. */
  movePeer(kind: 'readReceipt' | 'deliveryReceipt', seq: Seq): boolean {
    const before = this.current;
    const peerReadSeq = kind === 'readReceipt' ? Math.max(before.peerReadSeq, seq) : before.peerReadSeq;
    // Who has read it has received it.
    const peerDeliveredSeq = Math.max(before.peerDeliveredSeq, seq);
    if (peerReadSeq === before.peerReadSeq && peerDeliveredSeq === before.peerDeliveredSeq) return false;
    this.current = { ...before, peerReadSeq, peerDeliveredSeq };
    return true;
  }

  moveDelivered(seq: Seq): void {
    if (seq > this.current.deliveredSeq) this.current = { ...this.current, deliveredSeq: seq };
  }

  /** The server keeps positions of members: the world chat has none, so nothing of it is unread or reported. */
  get hasPositions(): boolean {
    return this.current.type !== ConversationType.World;
  }

  /** Somebody else's message: it counts until it is read. */
  isUnread(entry: Entry): boolean {
    return this.hasPositions && entry.senderId !== this.self && isCountable(entry.type);
  }
}

function newer(one: Entry | null, other: Entry | null): Entry | null {
  if (!one || !other) return one ?? other;
  return other.seq >= one.seq ? other : one;
}

function toConversation(state: ConversationState): Conversation {
  const { conversationId, ...rest } = state;
  return { id: conversationId, ...rest };
}
