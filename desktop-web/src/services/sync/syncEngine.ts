import type { ConversationState, Incoming } from '@/protocol/frames';
import type { Entry } from '@/types/entry';
import type { Emit } from '@/types/event';
import type { ConversationId, Seq, UserId } from '@/types/ids';
import { report } from '@/utils/report';
import { SessionEnded } from '@/services/session/errors';
import type { Session } from '@/services/session/session';
import type { Storage } from '@/services/storage/storage';
import { Book, byConversation } from './book';
import { CatchUp, type Progress } from './catchUp';
import type { ConversationLog } from './conversationLog';
import { History } from './history';
import { OutgoingMessages } from './outgoingMessages';
import { Positions } from './positions';

/** A push that is ahead often overtook another: this long is waited before the gap is pulled, milliseconds. */
const GAP_PATIENCE_MS = 100;

export type EngineSession = Pick<Session, 'request' | 'call' | 'tell'>;

export interface EngineListener {
  readonly emit: Emit;
  /** A sync goes on; null when it is done. */
  readonly onProgress: (progress: { done: number; total: number } | null) => void;
}

/**
 * Messages of one user on this device: sends from the outbox, receives without gaps, and keeps both in IndexedDB. Works
 * offline with what is there; a session makes it current. Its timers end with `detach`.
 */
export class SyncEngine {
  private readonly book: Book;
  readonly outgoing: OutgoingMessages;
  private readonly positions = new Positions();
  readonly history: History;
  private catchUp: CatchUp | null = null;
  private syncing = false;
  private syncAgain = false;

  constructor(
    private readonly self: UserId,
    private readonly storage: Storage,
    private readonly listener: EngineListener,
  ) {
    this.book = new Book(self, storage, (event) => listener.emit(event));
    this.history = new History(
      this.book,
      (event) => listener.emit(event),
      () => this.catchUp,
    );
    this.outgoing = new OutgoingMessages(
      self,
      storage,
      (event) => listener.emit(event),
      (conversationId, entries) => this.stored(conversationId, entries),
    );
  }

  /** Shows what this device holds, before any network; queues what an earlier page left unsent. */
  async load(): Promise<void> {
    const conversations = await this.book.load();
    const pending = await this.outgoing.load();
    this.listener.emit({ type: 'localDataLoaded', conversations, pending });
  }

  /** A session is there: sync on it and send what waits ([R4], [S7]). */
  attach(session: EngineSession): void {
    this.catchUp = new CatchUp(this.book, session);
    this.outgoing.attach(session);
    this.positions.attach(session);
    this.sync();
  }

  detach(): void {
    this.catchUp = null;
    this.outgoing.detach();
    this.positions.detach();
  }

  /** Something may have been missed ([S5], [R8]). Hints that come during a sync cause one more. */
  sync(): void {
    if (this.syncing) this.syncAgain = true;
    else void this.runSync();
  }

  /** Takes a push. What is not about conversations is not for this layer. */
  onPush(push: Incoming): void {
    switch (push.kind) {
      case 'pushMessage':
        return this.received(push.entries);
      case 'conversationEvent':
        return this.adopt(push.state);
      case 'readReceipt':
      case 'deliveryReceipt': {
        const log = this.book.get(push.conversationId);
        if (!log) return;
        if (push.userId !== this.self) {
          if (log.movePeer(push.kind, push.seq)) this.book.changed(log);
        } else if (push.kind === 'readReceipt') {
          void this.readElsewhere(log, push.seq);
        }
        return;
      }
      default:
    }
  }

  /** The user has seen everything up to the tip. */
  markRead(conversationId: ConversationId): void {
    const log = this.book.get(conversationId);
    if (!log?.hasPositions || !log.moveRead(log.tip, 0)) return;
    this.book.changed(log);
    this.positions.report('conversationRead', conversationId, log.tip);
  }

  /** Takes a state that came outside a sync, such as that of a conversation that was just opened. */
  adopt(state: ConversationState): void {
    const [log] = this.book.adopt([state]);
    if (log) this.fillLater(log);
  }

  private received(entries: readonly Entry[]): void {
    for (const [id, group] of byConversation(entries)) this.stored(id, group);
  }

  /** Entries that the server stored, by a push or as an own acknowledgement. [R5]: a conversation that is new here needs a sync. */
  private stored(conversationId: ConversationId, entries: readonly Entry[]): void {
    const log = this.book.get(conversationId);
    if (log) this.enter(log, entries);
    else this.sync();
  }

  /** The one way into a log, for pushes and own acknowledgements alike ([R3]). */
  private enter(log: ConversationLog, entries: readonly Entry[]): void {
    const applied = this.book.apply(log, entries);
    this.outgoing.settled(applied);
    if (applied.some((entry) => entry.senderId !== this.self)) this.reportDelivered(log);
    if (log.missing > 0) setTimeout(() => this.fillLater(log), GAP_PATIENCE_MS);
  }

  private fillLater(log: ConversationLog): void {
    if (log.missing === 0 || !this.catchUp) return;
    this.catchUp.fill(log).then(
      () => this.reportDelivered(log),
      (error: unknown) => this.reportUnlessEnded('a gap could not be filled', error),
    );
  }

  private reportDelivered(log: ConversationLog): void {
    if (!log.hasPositions || log.tip <= log.conversation.deliveredSeq) return;
    log.moveDelivered(log.tip);
    this.positions.report('messageDelivered', log.id, log.tip);
  }

  private async runSync(): Promise<void> {
    const catchUp = this.catchUp;
    if (!catchUp) return;
    this.syncing = true;
    this.syncAgain = false;
    const progress: Progress = (done, total) => this.listener.onProgress({ done, total });
    try {
      progress(0, 0);
      await catchUp.run(progress);
      this.afterSync();
    } catch (error) {
      this.reportUnlessEnded('a sync failed', error);
    }
    this.syncing = false;
    // A session that came meanwhile needs a sync of its own.
    if (this.syncAgain || (this.catchUp && this.catchUp !== catchUp)) void this.runSync();
    else this.listener.onProgress(null);
  }

  /** Positions that a lost session did not carry are reported again. */
  private afterSync(): void {
    for (const log of this.book.all()) {
      this.reportDelivered(log);
      if (this.book.serverReadSeq(log.id) < log.conversation.readSeq) {
        this.positions.report('conversationRead', log.id, log.conversation.readSeq);
      }
    }
    this.listener.emit({ type: 'synced' });
  }

  private async readElsewhere(log: ConversationLog, seq: Seq): Promise<void> {
    const later = await this.storage.entries(log.id, seq + 1, log.tip);
    if (log.moveRead(seq, later.filter((entry) => log.isUnread(entry)).length)) this.book.changed(log);
  }

  /** A session that is over is no error: the next one starts with a sync. */
  private reportUnlessEnded(what: string, error: unknown): void {
    if (!(error instanceof SessionEnded)) report(what, error);
  }
}
