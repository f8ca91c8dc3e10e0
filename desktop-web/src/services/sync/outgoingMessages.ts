import { Code, EntryType } from '@/protocol/codes';
import type { MessageAck } from '@/protocol/frames';
import type { Storage } from '@/services/storage/storage';
import type { Entry } from '@/types/entry';
import type { Emit } from '@/types/event';
import type { ClientMessageId, ConversationId, Seq, UserId } from '@/types/ids';
import type { Pending, PendingChange, PendingMessage, Upload } from '@/types/pending';
import { fileMessage } from '@/utils/fileMessage';
import { report } from '@/utils/report';
import { toEntry } from './acknowledgedEntry';
import type { OutboxItem } from './outbox';
import { OwnIds } from './ownIds';
import { SendOrder } from './sendOrder';
import { Sender, type SendingSession } from './sender';
import { Uploads, type FileMessage, type UploadFile } from './uploads';

const NEW_MESSAGE = { kind: 'message', mentions: [], state: 'sending', failure: null } as const;

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
  private readonly ids: OwnIds;
  /** While a full disk makes room for one, those after it are refused at once. */
  private readonly order = new SendOrder();
  private readonly uploads: Uploads;

  constructor(
    private readonly self: UserId,
    private readonly storage: Storage,
    private readonly emit: Emit,
    private readonly logs: Logs,
    upload: UploadFile,
  ) {
    this.ids = new OwnIds(
      storage,
      (id) => this.pending.has(id),
      (id) => logs.tip(id),
    );
    this.uploads = new Uploads(storage, upload, {
      onUploaded: (message, file) => void this.queue({ ...message, ...fileMessage(file) }),
      onRefused: ({ clientMessageId }, code) => this.refused(clientMessageId, code),
      onProgress: ({ conversationId, clientMessageId }, sent, total) =>
        this.emit({ type: 'uploadProgressed', conversationId, clientMessageId, sent, total }),
    });
    this.sender = new Sender({
      onAcknowledged: (items, ack, sentAt) => this.acknowledged(items, ack, sentAt),
      onRefused: (items, code) => items.forEach(({ clientMessageId }) => this.refused(clientMessageId, code)),
      onPostponed: (conversationId, until) => this.emit({ type: 'sendingPaused', conversationId, until }),
    });
  }

  /** Takes over what an earlier page left unsent, and gives it to be shown. */
  async load(): Promise<readonly Pending[]> {
    const items = await this.storage.outbox();
    this.ids.loaded(items.map(({ createdAt }) => createdAt));
    for (const item of items) {
      this.pending.set(item.clientMessageId, item);
      if (!isFailed(item)) this.start({ ...item, attempted: true });
    }
    return items;
  }

  attach(session: SendingSession): void {
    this.sender.attach(session);
    this.uploads.attach();
  }

  detach(): void {
    this.sender.detach();
    this.uploads.detach();
  }

  /** Ends what is under way; it is kept for the next page. */
  close(): void {
    this.detach();
    this.uploads.close();
  }

  /** Keeps a message and sends it as soon as there is a session. `text` is 1 to 8,192 bytes. */
  async send(conversationId: ConversationId, text: string, options: TextOptions = {}): Promise<void> {
    const { id, type = EntryType.Text, replyToSeq = 0, mentions = [] } = options;
    const begun = await this.ids.begin(conversationId, id);
    if (begun) await this.queue({ ...NEW_MESSAGE, ...begun, type, text, replyToSeq, mentions });
  }

  /** Keeps a file and its message, which is sent once the file is up. `size`: of a picture as it is shown. */
  async sendFile(
    conversationId: ConversationId,
    file: File,
    size: Pick<Upload, 'width' | 'height'>,
    { id, replyToSeq = 0 }: FileOptions = {},
  ): Promise<void> {
    const begun = await this.ids.begin(conversationId, id);
    if (!begun) return;
    const upload: Upload = { name: file.name, size: file.size, mime: file.type, ...size };
    const type = size.width ? EntryType.Image : EntryType.File;
    await this.queue({ ...NEW_MESSAGE, ...begun, type, text: '', replyToSeq, upload }, file);
  }

  /** The file of a message that waits; undefined when it is not on this device. */
  file(id: ClientMessageId): Promise<Blob | undefined> {
    return this.storage.upload(id);
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

  /** Forgets a message that failed, or whose file is not up yet. */
  async discard(id: ClientMessageId): Promise<void> {
    const message = this.pending.get(id);
    if (message?.kind !== 'message' || (message.state !== 'failed' && !this.uploads.cancel(message))) return;
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

  private async change(
    kind: PendingChange['kind'],
    conversationId: ConversationId,
    targetSeq: Seq,
    what: Partial<Pick<PendingChange, 'text' | 'mentions' | 'remove'>>,
    id?: ClientMessageId,
  ): Promise<void> {
    const begun = await this.ids.begin(conversationId, id);
    if (!begun) return;
    await this.queue({ kind, ...begun, targetSeq, text: '', mentions: [], remove: false, ...what });
  }

  private async queue(item: Pending, file?: File): Promise<void> {
    this.pending.set(item.clientMessageId, item);
    this.emit(
      item.kind === 'message'
        ? { type: 'messageQueued', message: item }
        : { type: 'changeQueued', change: item },
    );
    const kept = this.storage
      .savePending(item, file)
      // It is sent all the same; only a reload before the acknowledgement would lose it.
      .catch((error: unknown) => report('a message could not be kept', error));
    // No text waits for a file.
    const lane = waitsForFile(item) ? 'files' : 'texts';
    await this.order.sendPrepared(`${item.conversationId} ${lane}`, kept, () => {
      // It may have been given up meanwhile.
      if (this.pending.get(item.clientMessageId) === item) this.start(item);
    });
  }

  private start(item: Pending): void {
    this.pending.set(item.clientMessageId, item);
    if (waitsForFile(item)) this.uploads.add(item);
    else this.sender.enqueue(item);
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

function waitsForFile(item: Pending): item is FileMessage {
  return item.kind === 'message' && item.upload !== undefined && item.text === '';
}

function isFailed(item: Pending): item is PendingMessage {
  return item.kind === 'message' && item.state === 'failed';
}
