import { report } from '@/utils/report';
import type { Entry } from '@/types/entry';
import type { ClientMessageId, ConversationId, Seq } from '@/types/ids';
import type { Pending } from '@/types/pending';
import { MemoryStorage } from './memoryStorage';
import type { Storage, StoredConversation, StoredPeople } from './storage';

/** Why this device keeps less than it should: it may not, or has no room. */
export type Degradation = 'unavailable' | 'full';

/**
 * A storage that goes on when writes fail. What the one below refuses is kept in memory and written with the next change of the same
 * conversation, so that what is on the disk never has a hole: a reload finds the log as it was before the first refusal. A full disk is
 * asked for room once per write (`onFull`). Never rejects. Calls about one conversation happen one after the other.
 */
export class GuardedStorage implements Storage {
  onFull: Storage['onFull'] = () => Promise.resolve();
  private makingRoom = false;
  private closed = false;
  private readonly refused = new MemoryStorage();
  /** Conversations of which something was refused. */
  private readonly behind = new Set<ConversationId>();
  private readonly underWay = new Map<ConversationId, Promise<unknown>>();
  private readonly told = new Set<Degradation>();

  constructor(
    private readonly below: Storage,
    private readonly onDegraded: (reason: Degradation) => void,
  ) {}

  get capacity(): number {
    return this.below.capacity;
  }

  conversations(): Promise<StoredConversation[]> {
    return this.read(() => this.below.conversations(), []);
  }

  saveConversation(stored: StoredConversation): Promise<void> {
    return this.saveEntries(stored, []);
  }

  syncedAt(): Promise<number> {
    return this.read(() => this.below.syncedAt(), 0);
  }

  /** As long as something is missing on the disk, the next page begins with a complete sync. */
  async saveSyncedAt(serverTime: number): Promise<void> {
    await this.write(() => this.below.saveSyncedAt(this.behind.size > 0 ? 0 : serverTime));
  }

  saveEntries(stored: StoredConversation, entries: readonly Entry[]): Promise<void> {
    return this.inTurn(stored.id, async () => {
      const waiting = this.behind.has(stored.id) ? await this.waitingOf(stored.id) : [];
      const all = [...waiting, ...entries];
      await this.keep(stored, entries, () =>
        all.length > 0 ? this.below.saveEntries(stored, all) : this.below.saveConversation(stored),
      );
    });
  }

  replaceEntries(stored: StoredConversation, entries: readonly Entry[]): Promise<void> {
    return this.inTurn(stored.id, async () => {
      await this.refused.replaceEntries(stored, []);
      await this.keep(stored, entries, () => this.below.replaceEntries(stored, entries));
    });
  }

  dropEntries(stored: StoredConversation): Promise<void> {
    return this.inTurn(stored.id, async () => {
      await this.refused.dropEntries(stored);
      // Its range on the disk ends before what was refused, and is written with that.
      if (!this.behind.has(stored.id)) await this.write(() => this.below.dropEntries(stored), stored.id);
    });
  }

  async clearHistory(): Promise<void> {
    await Promise.all(this.underWay.values());
    this.behind.clear();
    await this.refused.clearHistory();
    await this.write(() => this.below.clearHistory());
  }

  entries(conversationId: ConversationId, from: Seq, to: Seq): Promise<Entry[]> {
    return this.both(conversationId, (storage) => storage.entries(conversationId, from, to));
  }

  changesAbout(conversationId: ConversationId, from: Seq, to: Seq): Promise<Entry[]> {
    return this.both(conversationId, (storage) => storage.changesAbout(conversationId, from, to));
  }

  async outbox(): Promise<Pending[]> {
    const kept = await this.read(() => this.below.outbox(), []);
    return [...kept, ...(await this.refused.outbox())];
  }

  async savePending(item: Pending, file?: Blob): Promise<void> {
    if (await this.write(() => this.below.savePending(item, file))) return;
    await this.refused.savePending(item, file);
  }

  async removePending(id: ClientMessageId): Promise<void> {
    await this.refused.removePending(id);
    await this.write(() => this.below.removePending(id));
  }

  async upload(id: ClientMessageId): Promise<Blob | undefined> {
    return (await this.refused.upload(id)) ?? this.read(() => this.below.upload(id), undefined);
  }

  picture(conversationId: ConversationId, seq: Seq): Promise<Blob | undefined> {
    return this.read(() => this.below.picture(conversationId, seq), undefined);
  }

  /** What is refused is shown from the network: no room is made for it, and nobody is told. */
  async savePicture(conversationId: ConversationId, seq: Seq, picture: Blob): Promise<void> {
    await this.below.savePicture(conversationId, seq, picture).catch(() => undefined);
  }

  people(): Promise<StoredPeople | undefined> {
    return this.read(() => this.below.people(), undefined);
  }

  async savePeople(people: StoredPeople): Promise<void> {
    await this.write(() => this.below.savePeople(people));
  }

  close(): void {
    this.closed = true;
    this.below.close();
  }

  private async keep(
    stored: StoredConversation,
    entries: readonly Entry[],
    write: () => Promise<void>,
  ): Promise<void> {
    if (await this.write(write, stored.id)) {
      if (this.behind.delete(stored.id)) await this.refused.replaceEntries(stored, []);
    } else {
      this.behind.add(stored.id);
      await this.refused.saveEntries(stored, entries);
    }
  }

  private waitingOf(conversationId: ConversationId): Promise<Entry[]> {
    return this.refused.entries(conversationId, 0, Number.MAX_SAFE_INTEGER);
  }

  /** What is on the disk and what was refused. */
  private both(
    conversationId: ConversationId,
    read: (storage: Storage) => Promise<Entry[]>,
  ): Promise<Entry[]> {
    return this.inTurn(conversationId, async () => {
      const kept = await this.read(() => read(this.below), []);
      if (!this.behind.has(conversationId)) return kept;
      const merged = new Map([...kept, ...(await read(this.refused))].map((entry) => [entry.seq, entry]));
      return [...merged.values()].sort((a, b) => a.seq - b.seq);
    });
  }

  private inTurn<Value>(conversationId: ConversationId, work: () => Promise<Value>): Promise<Value> {
    const before = this.underWay.get(conversationId);
    const done = before ? before.then(work) : work();
    const settled = done
      .catch(() => undefined)
      .then(() => {
        if (this.underWay.get(conversationId) === settled) this.underWay.delete(conversationId);
      });
    this.underWay.set(conversationId, settled);
    return done;
  }

  private async read<Value>(work: () => Promise<Value>, nothing: Value): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      this.degrade(error);
      return nothing;
    }
  }

  /** Says whether it is written. While room is made nobody waits for it, because making it waits for what is under way. */
  private async write(work: () => Promise<void>, writing: ConversationId | null = null): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!isFull(error)) return this.degrade(error);
    }
    if (this.makingRoom) return false;
    this.makingRoom = true;
    await this.onFull(writing);
    this.makingRoom = false;
    try {
      await work();
      return true;
    } catch (error) {
      return this.degrade(error);
    }
  }

  private degrade(error: unknown): false {
    const reason = isFull(error) ? 'full' : 'unavailable';
    // What was still under way when the page was left is lost, and the next page finds the state before it.
    if (!this.closed && !this.told.has(reason)) {
      this.told.add(reason);
      report('IndexedDB refused', error);
      this.onDegraded(reason);
    }
    return false;
  }
}

function isFull(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'name' in error && error.name === 'QuotaExceededError'
  );
}
