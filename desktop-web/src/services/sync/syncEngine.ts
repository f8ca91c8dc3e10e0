import type { Setting } from '@/protocol/codes';
import type { ConversationState, Incoming, ReceiptResponse } from '@/protocol/frames';
import type { Entry } from '@/types/entry';
import type { ClientEvent } from '@/types/event';
import type { ConversationId, Seq, UserId } from '@/types/ids';
import { SessionEnded } from '@/services/session/errors';
import type { Storage } from '@/services/storage/storage';
import { Book, byConversation } from './book';
import { CatchUp } from './catchUp';
import type { ConversationLog } from './conversationLog';
import { Drafts } from './drafts';
import type { EngineListener, EngineRest, EngineSession } from './engineParts';
import { Following } from './following';
import { History } from './history';
import { OutgoingMessages } from './outgoingMessages';
import { passingEvent } from './passing';
import { Reading } from './reading';
import { askReceipts, setForOneself } from './requests';
import { reportUnlessEnded } from './reportUnlessEnded';
import { SyncRuns } from './syncRuns';
import { TypingNotice } from './typing';

/** A push that is ahead often overtook another: this long is waited before the gap is pulled, milliseconds. */
const GAP_PATIENCE_MS = 100;

export type { EngineListener, EngineRest, EngineSession };

/**
 * Conversations of one user on this device: sends from the outbox, receives without gaps, and keeps both in IndexedDB. Works
 * offline with what is there; a session makes it current. Its timers end with `detach`.
 */
export class SyncEngine {
  private readonly book: Book;
  readonly outgoing: OutgoingMessages;
  private readonly reading: Reading;
  private readonly runs: SyncRuns;
  private readonly typing = new TypingNotice();
  private readonly following: Following;
  private readonly drafts: Drafts;
  readonly history: History;
  private session: EngineSession | null = null;
  private catchUp: CatchUp | null = null;

  constructor(
    private readonly self: UserId,
    storage: Storage,
    private readonly listener: EngineListener,
    rest: EngineRest,
  ) {
    const emit = (event: ClientEvent) => this.emit(event);
    this.book = new Book(self, storage, emit);
    this.reading = new Reading(self, this.book, () => this.sync());
    this.drafts = new Drafts(this.book, (state) => this.adopt(state));
    this.runs = new SyncRuns(() => this.catchUp, {
      onProgress: listener.onProgress,
      onSynced: () => {
        this.reading.reportAgain();
        this.drafts.tellAgain();
        listener.emit({ type: 'synced' });
      },
      onFailed: (error) => reportUnlessEnded('a sync failed', error),
    });
    this.history = new History(
      this.book,
      () => this.catchUp,
      (log) => this.fillLater(log),
      rest.reactions,
    );
    this.following = new Following((conversationId) => this.refresh(conversationId));
    this.outgoing = new OutgoingMessages(
      self,
      storage,
      emit,
      {
        stored: (conversationId, entries) => this.stored(conversationId, entries),
        learned: (conversationId, seq) => this.learned(conversationId, seq),
        tip: (conversationId) => this.book.get(conversationId)?.tip ?? 0,
      },
      rest.upload,
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
    this.session = session;
    this.catchUp = new CatchUp(this.book, session);
    this.outgoing.attach(session);
    this.reading.attach(session);
    this.following.attach(session);
    this.drafts.attach(session);
    this.sync();
  }

  detach(): void {
    this.session = null;
    this.catchUp = null;
    this.runs.stop();
    this.outgoing.detach();
    this.reading.detach();
    this.following.detach();
    this.drafts.detach();
  }

  /** Ends everything that is under way, because the user leaves or the tab does. */
  close(): void {
    this.detach();
    this.outgoing.close();
  }

  /** Something may have been missed ([S5], [R8]). */
  sync(): void {
    this.runs.request();
  }

  /** Takes a push. What is not about conversations is not for this layer. */
  onPush(push: Incoming): void {
    switch (push.kind) {
      case 'pushMessage':
        return this.received(push.entries);
      case 'systemNotification':
        return this.received(push.entry ? [push.entry] : []);
      case 'conversationEvent':
        return this.adopt(push.state);
      case 'syncHint':
        // There is something new in one conversation: it is fetched where somebody looks at it ([S13]).
        if (push.conversationId && this.following.has(push.conversationId)) this.refresh(push.conversationId);
        return;
      case 'readReceipt':
      case 'deliveryReceipt':
        return this.reading.take(push);
      default: {
        const event = passingEvent(push, this.self);
        if (event) this.listener.emit(event);
      }
    }
  }

  /** The user has seen everything up to an entry, or up to the tip. */
  markRead(conversationId: ConversationId, seq?: Seq): void {
    this.reading.markRead(conversationId, seq);
  }

  /** The user types in a conversation. */
  typed(conversationId: ConversationId): void {
    if (this.book.get(conversationId)?.reportsDelivered) this.typing.typed(conversationId, this.session);
  }

  /** A conversation of everybody is on the screen: its entries come live from now on ([S12]). */
  follow(conversationId: ConversationId): void {
    this.following.begin(conversationId);
  }

  /** It is no longer on the screen. Reading is told once, because there is always something new. */
  unfollow(conversationId: ConversationId): void {
    this.following.end(conversationId);
    this.reading.left(conversationId);
  }

  /** Sets something for oneself in a conversation. Rejects with RequestError or SessionEnded. */
  async set(
    conversationId: ConversationId,
    setting: Setting,
    value: number,
    text: string = '',
  ): Promise<void> {
    this.adopt(await setForOneself(this.connected(), conversationId, setting, value, text));
  }

  /** Who has received and read an entry: the counts, and members after `after`. Rejects with RequestError or SessionEnded. */
  async receipts(
    conversationId: ConversationId,
    seq: Seq,
    after: UserId | null = null,
  ): Promise<ReceiptResponse> {
    return askReceipts(this.connected(), conversationId, seq, after);
  }

  /** Takes a state that came by itself, such as that of a conversation that was just opened. */
  adopt(state: ConversationState): void {
    this.fillLater(this.book.adoptTold(state));
  }

  /** The user stops writing here for now: other devices get the draft, without a session when there is one again. */
  saveDraft(conversationId: ConversationId, text: string): void {
    this.drafts.save(conversationId, text);
  }

  knows(conversationId: ConversationId): boolean {
    return this.book.get(conversationId) !== undefined;
  }

  private emit(event: ClientEvent): void {
    if (event.type === 'entriesApplied') this.outgoing.settled(event.conversation.id, event.entries);
    // Own messages may be among what the log starts anew with, or before it.
    if (event.type === 'logRestarted') this.outgoing.settled(event.conversation.id, []);
    if (event.type === 'messageQueued') this.typing.sent(event.message.conversationId);
    this.listener.emit(event);
  }

  private connected(): EngineSession {
    if (!this.session) throw new SessionEnded('offline');
    return this.session;
  }

  private received(entries: readonly Entry[]): void {
    for (const [id, group] of byConversation(entries)) this.stored(id, group);
  }

  /** Entries that the server stored, by a push or as an own acknowledgement. [R5]: a conversation that is new here needs a sync. */
  private stored(conversationId: ConversationId, entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    const log = this.book.get(conversationId);
    if (log) this.enter(log, entries);
    else this.sync();
  }

  private learned(conversationId: ConversationId, seq: Seq): void {
    const log = this.book.get(conversationId);
    if (!log) return;
    log.learn(seq);
    this.fillLater(log);
  }

  /** The one way into a log, for pushes and own acknowledgements alike ([R3]). */
  private enter(log: ConversationLog, entries: readonly Entry[]): void {
    const applied = this.book.apply(log, entries);
    if (applied.some((entry) => entry.senderId !== this.self)) this.reading.arrived(log);
    if (log.missing > 0) setTimeout(() => this.fillLater(log), GAP_PATIENCE_MS);
  }

  private fillLater(log: ConversationLog): void {
    if (log.missing === 0 || !this.catchUp) return;
    this.catchUp.fill(log).then(
      () => this.reading.arrived(log),
      (error: unknown) => reportUnlessEnded('a gap could not be filled', error),
    );
  }

  private refresh(conversationId: ConversationId): void {
    const log = this.book.get(conversationId);
    if (!log || !this.catchUp) return;
    this.catchUp
      .refresh(log)
      .catch((error: unknown) => reportUnlessEnded('a log could not be refreshed', error));
  }
}
