import { EntryType, isChange } from '@/protocol/codes';
import type { Entry } from '@/types/entry';
import type { ClientMessageId, ConversationId, Seq } from '@/types/ids';
import type { Pending } from '@/types/pending';
import { erase } from './erase';
import type { Storage, StoredConversation, StoredPeople } from './storage';

/** Entries of all logs together: some 20 MB. */
const MAX_ENTRIES = 20_000;

/** What a device keeps that has no IndexedDB for this page: until the page is left. */
export class MemoryStorage implements Storage {
  readonly capacity = MAX_ENTRIES;
  onFull: Storage['onFull'] = () => Promise.resolve();
  private readonly states = new Map<ConversationId, StoredConversation>();
  private readonly logs = new Map<ConversationId, Map<Seq, Entry>>();
  private readonly waiting = new Map<ClientMessageId, Pending>();
  private readonly files = new Map<ClientMessageId, Blob>();
  private known: StoredPeople | undefined;
  private synced = 0;

  conversations(): Promise<StoredConversation[]> {
    return Promise.resolve([...this.states.values()]);
  }

  saveConversation(stored: StoredConversation): Promise<void> {
    this.states.set(stored.id, stored);
    return Promise.resolve();
  }

  syncedAt(): Promise<number> {
    return Promise.resolve(this.synced);
  }

  saveSyncedAt(serverTime: number): Promise<void> {
    this.synced = serverTime;
    return Promise.resolve();
  }

  saveEntries(stored: StoredConversation, entries: readonly Entry[]): Promise<void> {
    this.states.set(stored.id, stored);
    const log = this.logs.get(stored.id) ?? new Map<Seq, Entry>();
    if (entries.length > 0) this.logs.set(stored.id, log);
    for (const entry of entries) {
      log.set(entry.seq, entry);
      this.forget(entry.clientMessageId);
    }
    for (const recall of entries.filter(({ type }) => type === EntryType.Recall)) {
      const isEdit = ({ type, targetSeq }: Entry) =>
        type === EntryType.Edit && targetSeq === recall.targetSeq;
      for (const entry of log.values()) {
        if (entry.seq === recall.targetSeq || isEdit(entry)) log.set(entry.seq, erase(entry, recall.seq));
      }
    }
    return Promise.resolve();
  }

  dropEntries(stored: StoredConversation): Promise<void> {
    this.states.set(stored.id, stored);
    const log = this.logs.get(stored.id);
    for (const seq of log?.keys() ?? []) if (seq < stored.held.from) log?.delete(seq);
    return Promise.resolve();
  }

  replaceEntries(stored: StoredConversation, entries: readonly Entry[]): Promise<void> {
    this.logs.delete(stored.id);
    return this.saveEntries(stored, entries);
  }

  entries(conversationId: ConversationId, from: Seq, to: Seq): Promise<Entry[]> {
    return Promise.resolve(this.select(conversationId, ({ seq }) => seq >= from && seq <= to));
  }

  changesAbout(conversationId: ConversationId, from: Seq, to: Seq): Promise<Entry[]> {
    const isAbout = ({ type, seq, targetSeq }: Entry) =>
      seq > to && targetSeq >= from && targetSeq <= to && isChange(type);
    return Promise.resolve(this.select(conversationId, isAbout));
  }

  clearHistory(): Promise<void> {
    this.states.clear();
    this.logs.clear();
    this.synced = 0;
    return Promise.resolve();
  }

  outbox(): Promise<Pending[]> {
    return Promise.resolve([...this.waiting.values()].sort((a, b) => a.createdAt - b.createdAt));
  }

  savePending(item: Pending, file?: Blob): Promise<void> {
    this.waiting.set(item.clientMessageId, item);
    if (file) this.files.set(item.clientMessageId, file);
    return Promise.resolve();
  }

  removePending(id: ClientMessageId): Promise<void> {
    this.forget(id);
    return Promise.resolve();
  }

  upload(id: ClientMessageId): Promise<Blob | undefined> {
    return Promise.resolve(this.files.get(id));
  }

  /** They are for a page without a network, and nothing here outlives this one. */
  picture(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  savePicture(): Promise<void> {
    return Promise.resolve();
  }

  people(): Promise<StoredPeople | undefined> {
    return Promise.resolve(this.known);
  }

  savePeople(people: StoredPeople): Promise<void> {
    this.known = people;
    return Promise.resolve();
  }

  close(): void {
    this.logs.clear();
    this.files.clear();
  }

  private forget(id: ClientMessageId): void {
    this.waiting.delete(id);
    this.files.delete(id);
  }

  private select(conversationId: ConversationId, wanted: (entry: Entry) => boolean): Entry[] {
    const entries = [...(this.logs.get(conversationId)?.values() ?? [])].filter(wanted);
    return entries.sort((a, b) => a.seq - b.seq);
  }
}
