import { ConversationType, isCountable } from '@/protocol/codes';
import type { ConversationState } from '@/protocol/frames';
import type { StoredConversation } from '@/services/storage/storage';
import type { Conversation } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import { EVERYBODY, type ConversationId, type Seq, type UserId } from '@/types/ids';
import { GapTracker } from './gapTracker';
import { afterEntry } from './membership';
import { movedByEntries, newer, settingsOf, toConversation } from './stateParts';

/** What is unread after a position. */
export interface Unread {
  readonly unread: number;
  readonly mentions: number;
}

/** Far more than enter a log while a state is on its way. */
const RECENT = 50;

export const NOTHING_UNREAD: Unread = { unread: 0, mentions: 0 };

/**
 * One conversation as this device knows it: the server's state, moved on by what is applied, and which part of the log is
 * held. Pure; the owner stores and shows what changes here.
 */
export class ConversationLog {
  private readonly tracker: GapTracker<Entry>;
  /** Up to here the state knows what the entries did to members and face. */
  private moved: Seq;
  /** Up to here the unread count knows the entries. */
  private counted: Seq;
  /** What the last entries add to it: a state that was on its way may be older than they. */
  private recent: readonly (Unread & { readonly seq: Seq })[] = [];

  private constructor(
    private readonly self: UserId,
    private current: Conversation,
    private from: Seq,
    tip: Seq,
    private serverRead: Seq,
  ) {
    this.tracker = new GapTracker(tip);
    this.tracker.learn(current.tipSeq);
    this.moved = current.tipSeq;
    this.counted = current.tipSeq;
  }

  /** A conversation that is new to this device: nothing of its log is held. */
  static fromState(self: UserId, state: ConversationState): ConversationLog {
    const conversation = toConversation(state);
    const log = new ConversationLog(self, conversation, state.fromSeq + 1, state.fromSeq, state.readSeq);
    if (!log.countsUnread) log.current = { ...conversation, ...NOTHING_UNREAD };
    return log;
  }

  static fromStored(
    self: UserId,
    { conversation, held, serverReadSeq, counted = conversation.tipSeq }: StoredConversation,
  ): ConversationLog {
    const log = new ConversationLog(self, conversation, held.from, held.to, serverReadSeq);
    log.counted = counted;
    return log;
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

  get heldCount(): number {
    return Math.max(0, this.tip - this.from + 1);
  }

  get holdsNothing(): boolean {
    return this.tip < this.from;
  }

  /** The highest seq that is known to exist. */
  get known(): Seq {
    return this.tracker.known;
  }

  /** How many entries exist that are not here yet. */
  get missing(): number {
    return this.known - this.tip;
  }

  get stored(): StoredConversation {
    const held = { from: this.from, to: this.tip };
    const { id, current: conversation, serverRead: serverReadSeq, counted } = this;
    return { id, conversation, held, serverReadSeq, counted };
  }

  /** The own read position as the server last told it. */
  get serverReadSeq(): Seq {
    return this.serverRead;
  }

  /** The server has this read position; false when it was known to. */
  learnServerRead(seq: Seq): boolean {
    if (seq <= this.serverRead) return false;
    this.serverRead = seq;
    return true;
  }

  /**
   * Takes the server's state, which is authoritative ([R9]); positions only move forward, and what entries did that the state does
   * not know stays. `keepsSettings`: the state was asked for before the settings here came. Says whether what was held is given up,
   * because the user's time starts later ([R11]).
   */
  adopt(state: ConversationState, keepsSettings: boolean = false): boolean {
    const own = this.current;
    const ahead = own.tipSeq > state.tipSeq;
    const counts = own.readSeq > state.readSeq || (ahead && own.readSeq === state.readSeq) ? own : state;
    const since = counts === state && ahead ? this.countedSince(state.tipSeq) : NOTHING_UNREAD;
    this.tracker.learn(state.tipSeq);
    this.serverRead = state.readSeq;
    this.current = {
      ...toConversation(state),
      ...(ahead ? movedByEntries(own) : {}),
      ...(keepsSettings ? settingsOf(own) : {}),
      readSeq: Math.max(own.readSeq, state.readSeq),
      peerReadSeq: Math.max(own.peerReadSeq, state.peerReadSeq),
      peerDeliveredSeq: Math.max(own.peerDeliveredSeq, state.peerDeliveredSeq),
      unread: counts.unread + since.unread,
      mentions: counts.mentions + since.mentions,
      last: newer(own.last, state.last),
    };
    this.moved = Math.max(this.moved, state.tipSeq);
    // What is counted here does not know what the state brings beyond it: that is counted when it enters the log.
    if (counts === state) this.counted = Math.max(state.tipSeq, this.tip);
    if (!this.countsUnread || this.current.readSeq >= this.counted) {
      this.current = { ...this.current, ...NOTHING_UNREAD };
    }
    if (this.tip >= state.fromSeq) return false;
    this.restartAt(state.fromSeq + 1);
    return true;
  }

  /** The server has entries up to `seq`. */
  learn(seq: Seq): void {
    this.tracker.learn(seq);
  }

  /** Takes entries in any order and gives those that entered the log, ascending. */
  apply(entries: readonly Entry[]): Entry[] {
    const applied = this.tracker.offer(entries);
    const tip = applied.at(-1);
    if (!tip) return applied;
    const counted = Math.max(this.counted, this.current.readSeq);
    const unread = this.unreadOf(applied.filter((entry) => entry.seq > counted));
    this.remember(applied);
    const moved = applied
      .filter((entry) => entry.seq > this.moved)
      .reduce((before, entry) => afterEntry(before, entry, this.self), this.current);
    const isNew = tip.seq > this.current.tipSeq;
    this.moved = Math.max(this.moved, tip.seq);
    this.counted = Math.max(this.counted, tip.seq);
    this.current = {
      ...moved,
      tipSeq: Math.max(moved.tipSeq, tip.seq),
      unread: moved.unread + unread.unread,
      mentions: moved.mentions + unread.mentions,
      last: newer(moved.last, tip),
      activity: Math.max(moved.activity, tip.createdAt),
      hidden: moved.hidden && !isNew,
    };
    return applied;
  }

  private remember(applied: readonly Entry[]): void {
    const one = (entry: Entry) => ({ seq: entry.seq, ...this.unreadOf([entry]) });
    this.recent = [...this.recent, ...applied.slice(-RECENT).map(one)].slice(-RECENT);
  }

  private countedSince(seq: Seq): Unread {
    return this.recent
      .filter((one) => one.seq > seq)
      .reduce(
        (sum, { unread, mentions }) => ({ unread: sum.unread + unread, mentions: sum.mentions + mentions }),
        NOTHING_UNREAD,
      );
  }

  /** Entries before the held part, ascending and directly before it. */
  prepend(entries: readonly Entry[]): void {
    const first = entries[0];
    if (first && entries.at(-1)?.seq === this.from - 1) this.from = first.seq;
  }

  /** Lets go of what is held before `from`, which is at most directly after the tip. */
  dropBefore(from: Seq): void {
    this.from = Math.max(this.from, Math.min(from, this.tip + 1));
  }

  /** Holds nothing any more; the part that comes next starts at `from`. */
  restartAt(from: Seq): void {
    this.from = from;
    this.tracker.restart(from - 1);
  }

  /** Moves the own read position; false when it was there already. `unread`: others' messages after it, up to the tip. */
  moveRead(seq: Seq, unread: Unread): boolean {
    if (seq <= this.current.readSeq) return false;
    this.current = { ...this.current, readSeq: seq, ...unread };
    this.counted = this.tip;
    return true;
  }

  /** Moves a position of another member; false when it was there already. In a group: of whoever got furthest. */
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

  /** The world chat never asks for attention: everybody talks there all the time. */
  get countsUnread(): boolean {
    return this.current.type !== ConversationType.World;
  }

  /** Somebody wants to know what arrived here: not where everybody is. */
  get reportsDelivered(): boolean {
    return this.current.type === ConversationType.Private || this.current.type === ConversationType.Group;
  }

  /** What of these entries counts until it is read: others' messages ([R14]). */
  unreadOf(entries: readonly Entry[]): Unread {
    if (!this.countsUnread) return NOTHING_UNREAD;
    const unread = entries.filter((entry) => entry.senderId !== this.self && isCountable(entry.type));
    const mentions = unread.filter(
      (entry) => entry.mentions.includes(this.self) || entry.mentions.includes(EVERYBODY),
    );
    return { unread: unread.length, mentions: mentions.length };
  }
}
