import type { IDBPDatabase } from 'idb';
import { EntryType, isChange } from '@/protocol/codes';
import type { Entry } from '@/types/entry';
import type { ClientMessageId, ConversationId, Seq } from '@/types/ids';
import type { Pending } from '@/types/pending';
import type { Schema } from './schema';
import type { Storage, StoredConversation, StoredPeople } from './storage';

/** What a user's device keeps, in IndexedDB. Every call is one transaction; a call that fails changed nothing. */
export class IndexedStorage implements Storage {
  constructor(private readonly database: IDBPDatabase<Schema>) {}

  conversations(): Promise<StoredConversation[]> {
    return this.database.getAll('conversations');
  }

  async saveConversation(stored: StoredConversation): Promise<void> {
    await this.database.put('conversations', stored);
  }

  async syncedAt(): Promise<number> {
    return (await this.database.get('sync', 'syncedAt')) ?? 0;
  }

  async saveSyncedAt(serverTime: number): Promise<void> {
    await this.database.put('sync', serverTime, 'syncedAt');
  }

  async saveEntries(stored: StoredConversation, entries: readonly Entry[]): Promise<void> {
    const transaction = this.database.transaction(
      ['conversations', 'entries', 'outbox', 'uploads'],
      'readwrite',
    );
    const log = transaction.objectStore('entries');
    const outbox = transaction.objectStore('outbox');
    const uploads = transaction.objectStore('uploads');
    const done: Promise<unknown>[] = [transaction.done, transaction.objectStore('conversations').put(stored)];
    for (const entry of entries) {
      const { clientMessageId } = entry;
      done.push(log.put(entry), outbox.delete(clientMessageId), uploads.delete(clientMessageId));
    }
    const erased = entries
      .filter(({ type }) => type === EntryType.Recall)
      .map(async ({ conversationId, targetSeq, seq }) => {
        const [message, about] = await Promise.all([
          log.get([conversationId, targetSeq]),
          log.index('target').getAll([conversationId, targetSeq]),
        ]);
        const said = [message, ...about.filter(({ type }) => type === EntryType.Edit)];
        await Promise.all(said.map((entry) => entry && log.put({ ...erase(entry, seq) })));
      });
    await Promise.all([...done, ...erased]);
  }

  async dropEntries(stored: StoredConversation, before: Seq): Promise<void> {
    const transaction = this.database.transaction(['conversations', 'entries'], 'readwrite');
    await Promise.all([
      transaction.objectStore('conversations').put(stored),
      transaction.objectStore('entries').delete(rangeOf(stored.id, 0, before - 1)),
      transaction.done,
    ]);
  }

  async clearEntries(conversationId: ConversationId): Promise<void> {
    await this.database.delete('entries', rangeOf(conversationId, 0, Number.MAX_SAFE_INTEGER));
  }

  async entries(conversationId: ConversationId, from: Seq, to: Seq): Promise<Entry[]> {
    // IndexedDB refuses a range that ends before it starts.
    if (from > to) return [];
    return this.database.getAll('entries', rangeOf(conversationId, from, to));
  }

  async changesAbout(conversationId: ConversationId, from: Seq, to: Seq): Promise<Entry[]> {
    if (from > to) return [];
    const about = await this.database.getAllFromIndex('entries', 'target', rangeOf(conversationId, from, to));
    return about.filter(({ type, seq }) => seq > to && isChange(type)).sort((a, b) => a.seq - b.seq);
  }

  outbox(): Promise<Pending[]> {
    return this.database.getAllFromIndex('outbox', 'createdAt');
  }

  async savePending(item: Pending): Promise<void> {
    await this.database.put('outbox', item);
  }

  async removePending(id: ClientMessageId): Promise<void> {
    const transaction = this.database.transaction(['outbox', 'uploads'], 'readwrite');
    await Promise.all([
      transaction.objectStore('outbox').delete(id),
      transaction.objectStore('uploads').delete(id),
      transaction.done,
    ]);
  }

  upload(id: ClientMessageId): Promise<Blob | undefined> {
    return this.database.get('uploads', id);
  }

  async saveUpload(id: ClientMessageId, content: Blob): Promise<void> {
    await this.database.put('uploads', content, id);
  }

  people(): Promise<StoredPeople | undefined> {
    return this.database.get('people', 'people');
  }

  async savePeople(people: StoredPeople): Promise<void> {
    await this.database.put('people', people, 'people');
  }

  close(): void {
    this.database.close();
  }
}

/** What is left of a message, or of an edit of it, that was taken back by the entry `recalledSeq` ([E6]). */
export function erase(entry: Entry, recalledSeq: Seq): Entry {
  return { ...entry, text: '', mentions: [], recalledSeq };
}

function rangeOf(conversationId: ConversationId, from: Seq, to: Seq): IDBKeyRange {
  return IDBKeyRange.bound([conversationId, from], [conversationId, to]);
}
