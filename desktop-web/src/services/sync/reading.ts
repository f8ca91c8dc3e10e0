import type { Incoming } from '@/protocol/frames';
import type { Entry } from '@/types/entry';
import type { ConversationId, Seq, UserId } from '@/types/ids';
import type { Book } from './book';
import { NOTHING_UNREAD, type ConversationLog } from './conversationLog';
import { Positions, type PositionSession } from './positions';

type Receipt = Extract<Incoming, { kind: 'readReceipt' | 'deliveryReceipt' }>;

/** How far everybody is in each conversation ([R6], [R7]): what the user reads here and elsewhere, what arrives, and the others. */
export class Reading {
  private readonly positions = new Positions((conversationId, seq) => this.told(conversationId, seq));

  constructor(
    private readonly self: UserId,
    private readonly book: Book,
    /** Asks for the states of the server. */
    private readonly sync: () => void,
  ) {}

  attach(session: PositionSession): void {
    this.positions.attach(session);
  }

  detach(): void {
    this.positions.detach();
  }

  /** The user has seen everything up to an entry, or up to the tip. */
  markRead(conversationId: ConversationId, seq: Seq = Infinity): void {
    const log = this.book.get(conversationId);
    if (!log?.countsUnread) return;
    if (seq >= log.tip) this.readUpToTip(log);
    else void this.readUpTo(log, seq);
  }

  /** A conversation of everybody was left: reading it is told once, because there is always something new. */
  left(conversationId: ConversationId): void {
    const log = this.book.get(conversationId);
    if (log) this.readUpToTip(log);
  }

  /** Everything up to the tip has arrived here. */
  arrived(log: ConversationLog): void {
    if (!log.reportsDelivered || log.tip <= log.conversation.deliveredSeq) return;
    log.moveDelivered(log.tip);
    this.positions.report('messageDelivered', log.id, log.tip);
  }

  take({ kind, conversationId, userId, seq }: Receipt): void {
    const log = this.book.get(conversationId);
    if (!log) return;
    if (userId === this.self) {
      if (kind === 'readReceipt') void this.readElsewhere(log, seq);
    } else if (log.movePeer(kind, seq)) this.book.changed(log);
  }

  /** Positions that a lost session did not carry are reported again. */
  reportAgain(): void {
    for (const log of this.book.all()) {
      this.arrived(log);
      if (log.countsUnread && log.serverReadSeq < log.conversation.readSeq) {
        this.positions.report('conversationRead', log.id, log.conversation.readSeq);
      }
    }
  }

  private readUpToTip(log: ConversationLog): void {
    if (!log.moveRead(log.tip, NOTHING_UNREAD)) return;
    this.book.changed(log);
    this.positions.report('conversationRead', log.id, log.tip);
  }

  /** Where this device cannot count what is left, nothing moves until the end is seen. */
  private async readUpTo(log: ConversationLog, seq: Seq): Promise<void> {
    if (seq <= log.conversation.readSeq || seq + 1 < log.heldFrom) return;
    const later = await this.heldAfter(log, seq);
    if (later.length < log.tip - seq || !log.moveRead(seq, log.unreadOf(later))) return;
    this.book.changed(log);
    this.positions.report('conversationRead', log.id, seq);
  }

  private told(conversationId: ConversationId, seq: Seq): void {
    const log = this.book.get(conversationId);
    if (log?.learnServerRead(seq)) this.book.keep(log);
  }

  private async readElsewhere(log: ConversationLog, seq: Seq): Promise<void> {
    log.learnServerRead(seq);
    const later = await this.heldAfter(log, seq);
    if (!log.moveRead(seq, log.unreadOf(later))) return;
    this.book.changed(log);
    // What is not held cannot be counted here.
    if (seq + 1 < log.heldFrom) this.sync();
  }

  private async heldAfter(log: ConversationLog, seq: Seq): Promise<readonly Entry[]> {
    for (;;) {
      const { tip } = log;
      const later = await this.book.storage.entries(log.id, seq + 1, tip);
      // What entered the log meanwhile counts too.
      if (tip === log.tip) return later;
    }
  }
}
