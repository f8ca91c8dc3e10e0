import type { ConversationState } from '@/protocol/frames';
import type { Conversation } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import type { Emit } from '@/types/event';
import type { ConversationId, UserId } from '@/types/ids';
import { report } from '@/utils/report';
import type { Storage } from '@/services/storage/storage';
import { ConversationLog } from './conversationLog';
import { makeRoom } from './room';

/** After so many written entries it is looked whether too many are held; sooner where few may be. */
const LOOK_AFTER = 1_000;

/** A disk that is always full does not bring the entries that are held below this. */
const LEAST = 200;

/**
 * All conversations of the user: the one place where a change of a log is made, stored and shown. What is shown does not wait
 * for the database; after a write that failed the next sync begins from nothing.
 */
export class Book {
  private readonly logs = new Map<ConversationId, ConversationLog>();
  /** Told by an event since the last page of a sync was asked for: that page may know less of their settings. */
  private readonly told = new Set<ConversationId>();
  private readonly writing = new Set<Promise<void>>();
  private writesFailed = false;
  private synced = 0;
  /** Entries that may be held; less once the disk is full. */
  private limit: number;
  /** Entries that were written since it was looked whether there is room. */
  private written = 0;

  constructor(
    readonly self: UserId,
    readonly storage: Storage,
    private readonly emit: Emit,
  ) {
    storage.onFull = (writing) => this.makeRoom(writing);
    this.limit = storage.capacity;
  }

  async load(): Promise<readonly Conversation[]> {
    for (const stored of await this.storage.conversations()) {
      this.logs.set(stored.id, ConversationLog.fromStored(this.self, stored));
    }
    this.synced = await this.storage.syncedAt();
    return [...this.logs.values()].map((log) => log.conversation);
  }

  get(id: ConversationId): ConversationLog | undefined {
    return this.logs.get(id);
  }

  all(): ConversationLog[] {
    return [...this.logs.values()];
  }

  /** The last active first. */
  byActivity(): ConversationLog[] {
    return this.all().sort((a, b) => b.conversation.activity - a.conversation.activity);
  }

  /** Server time up to which this device has every state; 0: it needs all of them. */
  get syncedAt(): number {
    return this.synced;
  }

  /** A complete sync began at this server time. What it brought is stored before that is kept ([R4]). */
  async syncedUpTo(serverTime: number): Promise<void> {
    await Promise.all(this.writing);
    this.synced = this.writesFailed ? 0 : serverTime;
    this.writesFailed = false;
    await this.storage.saveSyncedAt(this.synced);
  }

  /** A page of a sync is asked for now. */
  pageAsked(): void {
    this.told.clear();
  }

  /** Takes a state that came by itself, which is newer than a page that was asked for before. */
  adoptTold(state: ConversationState): ConversationLog {
    const log = this.adoptOne(state, false);
    this.told.add(log.id);
    this.changed(log);
    return log;
  }

  /** Takes the states of a page. */
  adopt(states: readonly ConversationState[]): void {
    this.changed(...states.map((state) => this.adoptOne(state, this.told.has(state.conversationId))));
  }

  /** Takes entries of one conversation. Gives those that entered its log. */
  apply(log: ConversationLog, entries: readonly Entry[]): Entry[] {
    const applied = log.apply(entries);
    if (applied.length > 0) {
      this.write(this.storage.saveEntries(log.stored, applied), applied.length);
      this.emit({ type: 'entriesApplied', conversation: log.conversation, entries: applied });
    }
    return applied;
  }

  /** Takes entries from before the held part, ascending and directly before it. */
  async prepend(log: ConversationLog, entries: readonly Entry[]): Promise<void> {
    log.prepend(entries);
    await this.storage.saveEntries(log.stored, entries);
    this.count(entries.length);
  }

  /** Lets go of what is held and starts with this newest part of the log. */
  async restart(log: ConversationLog, entries: readonly Entry[]): Promise<void> {
    const first = entries[0];
    if (!first) return;
    log.restartAt(first.seq);
    // With what came before and is next now.
    const applied = log.apply(entries);
    const kept = this.storage.replaceEntries(log.stored, applied);
    this.emit({ type: 'logRestarted', conversation: log.conversation });
    await kept;
  }

  /** Stores and shows a state that changed without entries. */
  changed(...logs: readonly ConversationLog[]): void {
    if (logs.length === 0) return;
    for (const log of logs) this.keep(log);
    this.emit({ type: 'conversationsChanged', conversations: logs.map((log) => log.conversation) });
  }

  /** Stores what nobody sees. */
  keep(log: ConversationLog): void {
    this.write(this.storage.saveConversation(log.stored));
  }

  private adoptOne(state: ConversationState, keepsSettings: boolean): ConversationLog {
    const known = this.logs.get(state.conversationId);
    const log = known ?? ConversationLog.fromState(this.self, state);
    this.logs.set(log.id, log);
    if (known?.adopt(state, keepsSettings)) {
      this.write(this.storage.replaceEntries(log.stored, []));
      this.emit({ type: 'logRestarted', conversation: log.conversation });
      // What came before its state may be next now.
      this.apply(log, []);
    }
    return log;
  }

  /** The disk is full: a quarter of what is held goes, and no more than the rest is held from now on. */
  private async makeRoom(writing: ConversationId | null): Promise<void> {
    const held = this.all().reduce((sum, log) => sum + log.heldCount, 0);
    this.limit = Math.max(Math.min(this.limit, LEAST), Math.floor(held * 0.75));
    await this.letGo(writing);
  }

  /** Lets go of the oldest of what was silent the longest, as far as too much is held. */
  private async letGo(except: ConversationId | null): Promise<void> {
    const logs = this.all().filter(({ id }) => id !== except);
    const held = logs.map(({ id, heldFrom, tip, conversation }) => ({
      id,
      from: heldFrom,
      to: tip,
      activity: conversation.activity,
    }));
    const dropped: Promise<void>[] = [];
    for (const [id, from] of makeRoom(held, this.limit)) {
      const log = this.logs.get(id);
      if (!log) continue;
      log.dropBefore(from);
      dropped.push(this.storage.dropEntries(log.stored));
    }
    await Promise.all(dropped);
  }

  private count(entries: number): void {
    this.written += entries;
    if (entries === 0 || this.written < Math.min(LOOK_AFTER, this.limit / 10)) return;
    this.written = 0;
    this.write(this.letGo(null));
  }

  private write(done: Promise<void>, entries: number = 0): void {
    this.count(entries);
    const settled = done
      .catch((error: unknown) => {
        this.writesFailed = true;
        report('a write to IndexedDB failed', error);
      })
      .finally(() => this.writing.delete(settled));
    this.writing.add(settled);
  }
}

/** Groups entries by their conversation, keeping the order. */
export function byConversation(entries: readonly Entry[]): Map<ConversationId, Entry[]> {
  const groups = new Map<ConversationId, Entry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.conversationId);
    if (group) group.push(entry);
    else groups.set(entry.conversationId, [entry]);
  }
  return groups;
}
