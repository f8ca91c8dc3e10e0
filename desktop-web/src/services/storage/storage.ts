import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Conversation, HeldRange } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import type { ClientMessageId, ConversationId, Seq, UserId } from '@/types/ids';
import type { PendingMessage } from '@/types/pending';
import type { Friend, Profile } from '@/types/person';

/** A conversation with the part of its log that this device holds. */
export interface StoredConversation {
  readonly id: ConversationId;
  readonly conversation: Conversation;
  readonly held: HeldRange;
}

/** People as last seen, so that names are there without a network. */
export interface StoredPeople {
  readonly friends: readonly Friend[];
  readonly profiles: readonly Profile[];
}

interface Schema extends DBSchema {
  conversations: { key: ConversationId; value: StoredConversation };
  entries: { key: [ConversationId, Seq]; value: Entry };
  outbox: { key: ClientMessageId; value: PendingMessage; indexes: { createdAt: number } };
  people: { key: 'people'; value: StoredPeople };
}

const VERSION = 1;

/** What a user's device keeps, in an IndexedDB database of that user. */
export class Storage {
  private constructor(private readonly database: IDBPDatabase<Schema>) {}

  static async open(userId: UserId): Promise<Storage> {
    const database = await openDB<Schema>(`im-rs-${userId}`, VERSION, {
      upgrade(fresh) {
        fresh.createObjectStore('conversations', { keyPath: 'id' });
        fresh.createObjectStore('entries', { keyPath: ['conversationId', 'seq'] });
        fresh
          .createObjectStore('outbox', { keyPath: 'clientMessageId' })
          .createIndex('createdAt', 'createdAt');
        fresh.createObjectStore('people');
      },
    });
    return new Storage(database);
  }

  conversations(): Promise<StoredConversation[]> {
    return this.database.getAll('conversations');
  }

  async saveConversation(stored: StoredConversation): Promise<void> {
    await this.database.put('conversations', stored);
  }

  /** Entries, the held range that now covers them, and the end of the own messages among them: all or nothing. */
  async saveEntries(stored: StoredConversation, entries: readonly Entry[]): Promise<void> {
    const transaction = this.database.transaction(['conversations', 'entries', 'outbox'], 'readwrite');
    const log = transaction.objectStore('entries');
    const outbox = transaction.objectStore('outbox');
    await Promise.all([
      transaction.objectStore('conversations').put(stored),
      ...entries.map((entry) => log.put(entry)),
      ...entries.map((entry) => outbox.delete(entry.clientMessageId)),
      transaction.done,
    ]);
  }

  /** Forgets the entries of a conversation, because the held part starts anew elsewhere. */
  async clearEntries(conversationId: ConversationId): Promise<void> {
    await this.database.delete('entries', rangeOf(conversationId, 0, Number.MAX_SAFE_INTEGER));
  }

  /** Entries with from <= seq <= to, ascending. */
  async entries(conversationId: ConversationId, from: Seq, to: Seq): Promise<Entry[]> {
    // IndexedDB refuses a range that ends before it starts.
    if (from > to) return [];
    return this.database.getAll('entries', rangeOf(conversationId, from, to));
  }

  /** In the order in which they were written. */
  outbox(): Promise<PendingMessage[]> {
    return this.database.getAllFromIndex('outbox', 'createdAt');
  }

  async savePending(message: PendingMessage): Promise<void> {
    await this.database.put('outbox', message);
  }

  async removePending(id: ClientMessageId): Promise<void> {
    await this.database.delete('outbox', id);
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

function rangeOf(conversationId: ConversationId, from: Seq, to: Seq): IDBKeyRange {
  return IDBKeyRange.bound([conversationId, from], [conversationId, to]);
}
