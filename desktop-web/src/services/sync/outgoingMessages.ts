import { Code, EntryType } from '@/protocol/codes';
import type { AckResult, MessageAck } from '@/protocol/frames';
import { createdAtOf, createUuid } from '@/protocol/uuid';
import type { Storage } from '@/services/storage/storage';
import type { Entry } from '@/types/entry';
import type { Emit } from '@/types/event';
import type { ClientMessageId, ConversationId, Seq, UserId } from '@/types/ids';
import type { Pending, PendingChange, PendingMessage } from '@/types/pending';
import { reactionText } from '@/utils/content';
import { report } from '@/utils/report';
import type { OutboxItem } from './outbox';
import { Sender, type SendingSession } from './sender';

/** Among so many of the newest entries an own message is looked for that may be stored; of an older one the server knows. */
const LOOKED_BACK = 200;

/** Where acknowledged entries go. */
export interface Logs {
  /** Takes the entries that an acknowledgement gives, as a push would give them ([R3]). */
  stored(conversationId: ConversationId, entries: readonly Entry[]): void;
  /** The server has an entry with this seq. */
  learned(conversationId: ConversationId, seq: Seq): void;
  /** Everything up to here is in the log. */
  tip(conversationId: ConversationId): Seq;
}

/** What goes along with a text. */
export interface TextOptions {
  /** The id that the tab made in which it was written: told twice, it is sent once. */
  readonly id?: ClientMessageId;
  /** Of what type the message is; then `text` is its content. A text if missing. */
  readonly type?: EntryType;
  /** The message that this one answers. */
  readonly replyToSeq?: Seq;
  readonly mentions?: readonly UserId[];
}

/** What goes along with a file. */
export type FileOptions = Pick<TextOptions, 'id' | 'replyToSeq'>;

/**
 * Own messages and own changes of stored ones, from the screen to their acknowledgement: kept in IndexedDB, sent in order by the
 * outbox. A message that is refused stays, to be sent again; a change that is refused is taken back.
 */
export class OutgoingMessages {
  private readonly sender: Sender;
  private readonly pending = new Map<ClientMessageId, Pending>();
  /** Acknowledged with a seq that is not in the log yet. */
  private readonly awaited = new Map<ClientMessageId, Seq>();
  private lastCreatedAt = 0;
  /** What was written until then may be here without being asked for here. Milliseconds since 1970. */
  private loadedAt = 0;
  private looking = Promise.resolve(false);

  constructor(
    private readonly self: UserId,
    private readonly storage: Storage,
    private readonly emit: Emit,
    private readonly logs: Logs,
  ) {
    this.sender = new Sender({
      onAcknowledged: (items, ack, sentAt) => this.acknowledged(items, ack, sentAt),
      onRefused: (items, code) => items.forEach(({ clientMessageId }) => this.refused(clientMessageId, code)),
    });
  }

  /** Takes over what an earlier page left unsent, and gives it to be shown. */
  async load(): Promise<readonly Pending[]> {
    const items = await this.storage.outbox();
    this.loadedAt = Date.now();
    for (const item of items) {
      this.pending.set(item.clientMessageId, item);
      this.lastCreatedAt = Math.max(this.lastCreatedAt, item.createdAt);
      if (!isFailed(item)) this.sender.enqueue({ ...item, attempted: true });
    }
    return items;
  }

  attach(session: SendingSession): void {
    this.sender.attach(session);
  }

  detach(): void {
    this.sender.detach();
  }

  /** Keeps a message and sends it as soon as there is a session. `text` is 1 to 8,192 bytes. */
  async send(conversationId: ConversationId, text: string, options: TextOptions = {}): Promise<void> {
    const { id, type = EntryType.Text, replyToSeq = 0, mentions = [] } = options;
    if (await this.inOrder(() => this.isKnown(conversationId, id))) return;
    const queued = this.begin(conversationId, id);
    await this.queue({
      kind: 'message',
      ...queued,
      type,
      text,
      replyToSeq,
      mentions,
      state: 'sending',
      failure: null,
    });
  }

  /** Gives an own message another text. */
  async edit(
    conversationId: ConversationId,
    targetSeq: Seq,
    text: string,
    mentions: readonly UserId[] = [],
    id?: ClientMessageId,
  ): Promise<void> {
    await this.change('edit', conversationId, targetSeq, { text, mentions }, id);
  }

  /** Takes a message back. */
  async recall(conversationId: ConversationId, targetSeq: Seq, id?: ClientMessageId): Promise<void> {
    await this.change('recall', conversationId, targetSeq, {}, id);
  }

  /** Puts a reaction to a message, or takes it off. */
  async react(
    conversationId: ConversationId,
    targetSeq: Seq,
    reaction: string,
    remove: boolean,
    id?: ClientMessageId,
  ): Promise<void> {
    await this.change('reaction', conversationId, targetSeq, { text: reaction, remove }, id);
  }

  /** Sends a failed message again, under its id, so that it cannot be stored twice ([M4]). */
  async resend(id: ClientMessageId): Promise<void> {
    const message = this.pending.get(id);
    if (!message || !isFailed(message)) return;
    await this.queue({ ...message, attempted: true, state: 'sending', failure: null });
  }

  /** Forgets a failed message. */
  async discard(id: ClientMessageId): Promise<void> {
    const message = this.pending.get(id);
    if (!message || !isFailed(message)) return;
    this.pending.delete(id);
    this.emit({ type: 'messageDiscarded', conversationId: message.conversationId, clientMessageId: id });
    await this.storage.removePending(id);
  }

  /** These are in the log now. */
  settled(conversationId: ConversationId, entries: readonly Entry[]): void {
    for (const { clientMessageId } of entries) {
      this.pending.delete(clientMessageId);
      this.awaited.delete(clientMessageId);
    }
    for (const [id, seq] of this.awaited) {
      const isHere = this.pending.get(id)?.conversationId === conversationId;
      if (isHere && seq <= this.logs.tip(conversationId)) this.forget(id);
    }
  }

  /** What is written later does not overtake what is looked for. */
  private inOrder(look: () => Promise<boolean>): Promise<boolean> {
    const done = this.looking.then(look);
    this.looking = done.catch(() => false);
    return done;
  }

  private begin(conversationId: ConversationId, id?: ClientMessageId) {
    // Rising times keep the order of the outbox over a reload.
    this.lastCreatedAt = Math.max(Date.now(), this.lastCreatedAt + 1);
    return {
      clientMessageId: id ?? createUuid(this.lastCreatedAt),
      conversationId,
      createdAt: this.lastCreatedAt,
      attempted: false,
    };
  }

  /** Waits here or is stored already: the tab that wrote it asks a second time, because it does not know what became of the first. */
  private async isKnown(conversationId: ConversationId, id: ClientMessageId | undefined): Promise<boolean> {
    if (!id) return false;
    if (this.pending.has(id)) return true;
    if (createdAtOf(id) > this.loadedAt) return false;
    const tip = this.logs.tip(conversationId);
    const newest = await this.storage.entries(conversationId, tip - LOOKED_BACK + 1, tip);
    return newest.some(({ clientMessageId }) => clientMessageId === id);
  }

  private async change(
    kind: PendingChange['kind'],
    conversationId: ConversationId,
    targetSeq: Seq,
    what: Partial<Pick<PendingChange, 'text' | 'mentions' | 'remove'>>,
    id?: ClientMessageId,
  ): Promise<void> {
    if (await this.inOrder(() => this.isKnown(conversationId, id))) return;
    const queued = this.begin(conversationId, id);
    await this.queue({ kind, ...queued, targetSeq, text: '', mentions: [], remove: false, ...what });
  }

  private async queue(item: Pending): Promise<void> {
    this.pending.set(item.clientMessageId, item);
    this.emit(
      item.kind === 'message'
        ? { type: 'messageQueued', message: item }
        : { type: 'changeQueued', change: item },
    );
    try {
      await this.storage.savePending(item);
    } catch (error) {
      // It is sent all the same; only a reload before the acknowledgement would lose it.
      report('a message could not be kept', error);
    }
    this.sender.enqueue(item);
  }

  private acknowledged(items: readonly OutboxItem[], ack: MessageAck, sentAt: number): void {
    const results = new Map(ack.results.map((result) => [result.clientMessageId, result]));
    const entries: Entry[] = [];
    for (const item of items) {
      const result = results.get(item.clientMessageId);
      if (result?.code !== Code.Ok) this.refused(item.clientMessageId, result?.code ?? Code.Internal);
      else if (item.kind === 'recall') this.logs.learned(ack.conversationId, result.seq);
      else if (result.seq > 0) entries.push(toEntry(item, result, this.self));
    }
    for (const { conversationId, clientMessageId } of entries) {
      this.emit({ type: 'messageAcknowledged', conversationId, clientMessageId });
    }
    this.tellTimes(entries, sentAt);
    this.logs.stored(ack.conversationId, entries);
    for (const { clientMessageId, code, seq } of ack.results) {
      // What was in the log before, or made no entry at all, is nothing that an entry will end.
      if (code !== Code.Ok || !this.pending.has(clientMessageId)) continue;
      if (seq <= this.logs.tip(ack.conversationId)) this.forget(clientMessageId);
      else this.awaited.set(clientMessageId, seq);
    }
  }

  private tellTimes(entries: readonly Entry[], sentAt: number): void {
    const ackedAt = Date.now();
    for (const { conversationId, clientMessageId, seq, createdAt: storedAt } of entries) {
      const item = this.pending.get(clientMessageId);
      if (item?.kind !== 'message') continue;
      const queuedAt = item.createdAt;
      this.emit({ type: 'messageTimed', conversationId, seq, queuedAt, sentAt, storedAt, ackedAt });
    }
  }

  private forget(id: ClientMessageId): void {
    const item = this.pending.get(id);
    if (!item) return;
    this.pending.delete(id);
    this.awaited.delete(id);
    this.emit({ type: 'pendingSettled', conversationId: item.conversationId, clientMessageId: id });
    this.storage
      .removePending(id)
      .catch((error: unknown) => report('the outbox could not be cleared', error));
  }

  private refused(id: ClientMessageId, code: Code): void {
    const item = this.pending.get(id);
    if (!item) return;
    if (item.kind !== 'message') {
      this.emit({ type: 'changeRefused', change: item, code });
      return this.forget(id);
    }
    const failed: PendingMessage = { ...item, state: 'failed', failure: code };
    this.pending.set(id, failed);
    this.emit({ type: 'messageFailed', conversationId: item.conversationId, clientMessageId: id, code });
    this.storage
      .savePending(failed)
      .catch((error: unknown) => report('a failed message could not be kept', error));
  }
}

function isFailed(item: Pending): item is PendingMessage {
  return item.kind === 'message' && item.state === 'failed';
}

/**
 * The entry as every device has it. Another device may have made the same change before; then it is that one's entry, which says the
 * same. A recall is not made here: somebody else may have been the first, and the entry says who.
 */
function toEntry(item: OutboxItem, result: AckResult, self: UserId): Entry {
  const isMessage = item.kind === 'message';
  return {
    conversationId: item.conversationId,
    seq: result.seq,
    messageIndex: result.messageIndex,
    messageId: result.messageId,
    clientMessageId: item.clientMessageId,
    senderId: self,
    type: isMessage
      ? (item.type ?? EntryType.Text)
      : item.kind === 'edit'
        ? EntryType.Edit
        : EntryType.Reaction,
    text: item.kind === 'reaction' ? reactionText({ reaction: item.text, on: !item.remove }) : item.text,
    createdAt: result.createdAt,
    targetSeq: isMessage ? item.replyToSeq : item.targetSeq,
    mentions: item.mentions,
    editedSeq: 0,
    recalledSeq: 0,
  };
}
