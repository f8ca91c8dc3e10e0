import { Code, EntryType } from '@/protocol/codes';
import type { AckResult, ConversationState, Incoming, MessageAck } from '@/protocol/frames';
import { createUuid } from '@/protocol/uuid';
import type { Entry } from '@/types/entry';
import type { Emit } from '@/types/event';
import type { ClientMessageId, ConversationId, Seq, UserId } from '@/types/ids';
import type { PendingMessage } from '@/types/pending';
import { report } from '@/utils/report';
import { SessionEnded } from '@/services/session/errors';
import type { Session } from '@/services/session/session';
import type { Storage } from '@/services/storage/storage';
import { Book, byConversation } from './book';
import { CatchUp, type Progress } from './catchUp';
import type { ConversationLog } from './conversationLog';
import { History } from './history';
import type { OutboxMessage } from './outbox';
import { Positions } from './positions';
import { Sender } from './sender';

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
  private readonly sender: Sender;
  private readonly positions = new Positions();
  readonly history: History;
  private readonly pending = new Map<ClientMessageId, PendingMessage>();
  private catchUp: CatchUp | null = null;
  private syncing = false;
  private syncAgain = false;
  private lastCreatedAt = 0;

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
    this.sender = new Sender({
      onAcknowledged: (messages, ack) => this.acknowledged(messages, ack),
      onRefused: (messages, code) =>
        messages.forEach((message) => this.refused(message.clientMessageId, code)),
    });
  }

  /** Shows what this device holds, before any network; queues what an earlier page left unsent. */
  async load(): Promise<void> {
    const [conversations, pending] = await Promise.all([this.book.load(), this.storage.outbox()]);
    for (const message of pending) {
      this.pending.set(message.clientMessageId, message);
      this.lastCreatedAt = Math.max(this.lastCreatedAt, message.createdAt);
    }
    this.listener.emit({ type: 'localDataLoaded', conversations, pending });
    for (const message of pending) {
      if (message.state !== 'failed') this.sender.enqueue({ ...message, attempted: true });
    }
  }

  /** A session is there: sync on it and send what waits ([R4], [S7]). */
  attach(session: EngineSession): void {
    this.catchUp = new CatchUp(this.book, session);
    this.sender.attach(session);
    this.positions.attach(session);
    this.sync();
  }

  detach(): void {
    this.catchUp = null;
    this.sender.detach();
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

  /** Keeps a message and sends it as soon as there is a session. `text` is 1 to 8,192 bytes. */
  async sendText(conversationId: ConversationId, text: string): Promise<void> {
    // Rising times keep the order of the outbox over a reload.
    this.lastCreatedAt = Math.max(Date.now(), this.lastCreatedAt + 1);
    await this.queue({
      clientMessageId: createUuid(this.lastCreatedAt),
      conversationId,
      text,
      createdAt: this.lastCreatedAt,
      attempted: false,
      state: 'sending',
      failure: null,
    });
  }

  /** Sends a failed message again, under its id, so that it cannot be stored twice ([M4]). */
  async resend(id: ClientMessageId): Promise<void> {
    const message = this.pending.get(id);
    if (message?.state === 'failed')
      await this.queue({ ...message, attempted: true, state: 'sending', failure: null });
  }

  /** Forgets a failed message. */
  async discard(id: ClientMessageId): Promise<void> {
    const message = this.pending.get(id);
    if (message?.state !== 'failed') return;
    this.pending.delete(id);
    this.listener.emit({
      type: 'messageDiscarded',
      conversationId: message.conversationId,
      clientMessageId: id,
    });
    await this.storage.removePending(id);
  }

  /** The user has seen everything up to the tip. */
  markRead(conversationId: ConversationId): void {
    const log = this.book.get(conversationId);
    if (!log?.moveRead(log.tip, 0)) return;
    this.book.changed(log);
    this.positions.report('conversationRead', conversationId, log.tip);
  }

  /** Takes a state that came outside a sync, such as that of a conversation that was just opened. */
  adopt(state: ConversationState): void {
    const [log] = this.book.adopt([state]);
    if (log) this.fillLater(log);
  }

  private async queue(message: PendingMessage): Promise<void> {
    this.pending.set(message.clientMessageId, message);
    this.listener.emit({ type: 'messageQueued', message });
    try {
      await this.storage.savePending(message);
    } catch (error) {
      // It is sent all the same; only a reload before the acknowledgement would lose it.
      report('a message could not be kept', error);
    }
    this.sender.enqueue(message);
  }

  private received(entries: readonly Entry[]): void {
    for (const [id, group] of byConversation(entries)) {
      const log = this.book.get(id);
      // [R5]: a conversation that is new here.
      if (!log) this.sync();
      else this.enter(log, group);
    }
  }

  /** The one way into a log, for pushes and own acknowledgements alike ([R3]). */
  private enter(log: ConversationLog, entries: readonly Entry[]): void {
    const applied = this.book.apply(log, entries);
    for (const entry of applied) this.pending.delete(entry.clientMessageId);
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
    if (log.tip <= log.conversation.deliveredSeq) return;
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

  private acknowledged(messages: readonly OutboxMessage[], ack: MessageAck): void {
    const results = new Map(ack.results.map((result) => [result.clientMessageId, result]));
    const entries: Entry[] = [];
    for (const message of messages) {
      const result = results.get(message.clientMessageId);
      if (result?.code === Code.Ok) entries.push(toEntry(message, result, this.self));
      else this.refused(message.clientMessageId, result?.code ?? Code.Internal);
    }
    for (const { conversationId, clientMessageId } of entries) {
      this.listener.emit({ type: 'messageAcknowledged', conversationId, clientMessageId });
    }
    const log = this.book.get(ack.conversationId);
    if (log) this.enter(log, entries);
    else this.sync();
  }

  private refused(id: ClientMessageId, code: Code): void {
    const message = this.pending.get(id);
    if (!message) return;
    const failed: PendingMessage = { ...message, state: 'failed', failure: code };
    this.pending.set(id, failed);
    this.listener.emit({
      type: 'messageFailed',
      conversationId: message.conversationId,
      clientMessageId: id,
      code,
    });
    this.storage
      .savePending(failed)
      .catch((error: unknown) => report('a failed message could not be kept', error));
  }

  /** A session that is over is no error: the next one starts with a sync. */
  private reportUnlessEnded(what: string, error: unknown): void {
    if (!(error instanceof SessionEnded)) report(what, error);
  }
}

function toEntry(message: OutboxMessage, result: AckResult, self: UserId): Entry {
  return {
    conversationId: message.conversationId,
    seq: result.seq,
    messageIndex: result.messageIndex,
    messageId: result.messageId,
    clientMessageId: message.clientMessageId,
    senderId: self,
    type: EntryType.Text,
    text: message.text,
    createdAt: result.createdAt,
  };
}
