import type { ConversationState } from '@/protocol/frames';
import type { Conversation } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import type { Emit } from '@/types/event';
import type { ConversationId, Seq, UserId } from '@/types/ids';
import { report } from '@/utils/report';
import type { Storage } from '@/services/storage/storage';
import { ConversationLog } from './conversationLog';

/**
 * All conversations of the user: the one place where a change of a log is made, stored and shown. What is shown does not wait
 * for the database; a write that fails is fetched again by the next sync.
 */
export class Book {
  private readonly logs = new Map<ConversationId, ConversationLog>();
  private readonly serverRead = new Map<ConversationId, Seq>();

  constructor(
    readonly self: UserId,
    readonly storage: Storage,
    private readonly emit: Emit,
  ) {}

  async load(): Promise<readonly Conversation[]> {
    for (const stored of await this.storage.conversations()) {
      this.logs.set(stored.id, ConversationLog.fromStored(this.self, stored));
    }
    return [...this.logs.values()].map((log) => log.conversation);
  }

  get(id: ConversationId): ConversationLog | undefined {
    return this.logs.get(id);
  }

  all(): ConversationLog[] {
    return [...this.logs.values()];
  }

  /** The own read position as the server last told it. */
  serverReadSeq(id: ConversationId): Seq {
    return this.serverRead.get(id) ?? 0;
  }

  /** Takes states of the server. */
  adopt(states: readonly ConversationState[]): ConversationLog[] {
    const changed = states.map((state) => {
      this.serverRead.set(state.conversationId, state.readSeq);
      const known = this.logs.get(state.conversationId);
      if (known) known.adopt(state);
      const log = known ?? ConversationLog.fromState(this.self, state);
      this.logs.set(log.id, log);
      return log;
    });
    this.changed(...changed);
    return changed;
  }

  /** Takes entries of one conversation. Gives those that entered its log. */
  apply(log: ConversationLog, entries: readonly Entry[]): Entry[] {
    const applied = log.apply(entries);
    if (applied.length > 0) {
      this.write(this.storage.saveEntries(log.stored, applied));
      this.emit({ type: 'entriesApplied', conversation: log.conversation, entries: applied });
    }
    return applied;
  }

  /** Takes entries from before the held part. */
  async prepend(log: ConversationLog, entries: readonly Entry[]): Promise<void> {
    log.prepend(entries);
    await this.storage.saveEntries(log.stored, entries);
  }

  /** Lets go of what is held and starts with this newest part of the log. */
  async restart(log: ConversationLog, entries: readonly Entry[]): Promise<void> {
    const first = entries[0];
    if (!first) return;
    await this.storage.clearEntries(log.id);
    log.restartAt(first.seq);
    log.apply(entries);
    await this.storage.saveEntries(log.stored, entries);
    this.emit({ type: 'logRestarted', conversation: log.conversation });
  }

  /** Stores and shows a state that changed without entries. */
  changed(...logs: readonly ConversationLog[]): void {
    if (logs.length === 0) return;
    for (const log of logs) this.write(this.storage.saveConversation(log.stored));
    this.emit({ type: 'conversationsChanged', conversations: logs.map((log) => log.conversation) });
  }

  private write(done: Promise<void>): void {
    done.catch((error: unknown) => report('a write to IndexedDB failed', error));
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
