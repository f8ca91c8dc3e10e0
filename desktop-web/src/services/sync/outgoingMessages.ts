import { Code, EntryType } from '@/protocol/codes';
import type { AckResult, MessageAck } from '@/protocol/frames';
import { createUuid } from '@/protocol/uuid';
import type { Storage } from '@/services/storage/storage';
import type { Entry } from '@/types/entry';
import type { Emit } from '@/types/event';
import type { ClientMessageId, ConversationId, UserId } from '@/types/ids';
import type { PendingMessage } from '@/types/pending';
import { report } from '@/utils/report';
import type { OutboxMessage } from './outbox';
import { Sender, type SendingSession } from './sender';

/** Takes the entries that an acknowledgement gives, as a push would give them ([R3]). */
export type EntriesStored = (conversationId: ConversationId, entries: readonly Entry[]) => void;

/** Own messages from the composer to their acknowledgement: kept in IndexedDB, sent by the outbox, failed ones sent again. */
export class OutgoingMessages {
  private readonly sender: Sender;
  private readonly pending = new Map<ClientMessageId, PendingMessage>();
  private lastCreatedAt = 0;

  constructor(
    private readonly self: UserId,
    private readonly storage: Storage,
    private readonly emit: Emit,
    private readonly onStored: EntriesStored,
  ) {
    this.sender = new Sender({
      onAcknowledged: (messages, ack) => this.acknowledged(messages, ack),
      onRefused: (messages, code) =>
        messages.forEach(({ clientMessageId }) => this.refused(clientMessageId, code)),
    });
  }

  /** Takes over what an earlier page left unsent, and gives it to be shown. */
  async load(): Promise<readonly PendingMessage[]> {
    const messages = await this.storage.outbox();
    for (const message of messages) {
      this.pending.set(message.clientMessageId, message);
      this.lastCreatedAt = Math.max(this.lastCreatedAt, message.createdAt);
      if (message.state !== 'failed') this.sender.enqueue({ ...message, attempted: true });
    }
    return messages;
  }

  attach(session: SendingSession): void {
    this.sender.attach(session);
  }

  detach(): void {
    this.sender.detach();
  }

  /** Keeps a message and sends it as soon as there is a session. `text` is 1 to 8,192 bytes. */
  async send(conversationId: ConversationId, text: string): Promise<void> {
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
    if (message?.state !== 'failed') return;
    await this.queue({ ...message, attempted: true, state: 'sending', failure: null });
  }

  /** Forgets a failed message. */
  async discard(id: ClientMessageId): Promise<void> {
    const message = this.pending.get(id);
    if (message?.state !== 'failed') return;
    this.pending.delete(id);
    this.emit({ type: 'messageDiscarded', conversationId: message.conversationId, clientMessageId: id });
    await this.storage.removePending(id);
  }

  /** These are in the log now. */
  settled(entries: readonly Entry[]): void {
    for (const { clientMessageId } of entries) this.pending.delete(clientMessageId);
  }

  private async queue(message: PendingMessage): Promise<void> {
    this.pending.set(message.clientMessageId, message);
    this.emit({ type: 'messageQueued', message });
    try {
      await this.storage.savePending(message);
    } catch (error) {
      // It is sent all the same; only a reload before the acknowledgement would lose it.
      report('a message could not be kept', error);
    }
    this.sender.enqueue(message);
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
      this.emit({ type: 'messageAcknowledged', conversationId, clientMessageId });
    }
    this.onStored(ack.conversationId, entries);
  }

  private refused(id: ClientMessageId, code: Code): void {
    const message = this.pending.get(id);
    if (!message) return;
    const failed: PendingMessage = { ...message, state: 'failed', failure: code };
    this.pending.set(id, failed);
    this.emit({ type: 'messageFailed', conversationId: message.conversationId, clientMessageId: id, code });
    this.storage
      .savePending(failed)
      .catch((error: unknown) => report('a failed message could not be kept', error));
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
    targetSeq: 0,
    mentions: [],
    editedSeq: 0,
    recalledSeq: 0,
  };
}
