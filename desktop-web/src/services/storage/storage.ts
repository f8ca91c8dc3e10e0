import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb';
import type { Conversation, HeldRange } from '@/types/conversation';
import { EntryType } from '@/protocol/codes';
import type { Entry } from '@/types/entry';
import type { ClientMessageId, ConversationId, Seq, UserId } from '@/types/ids';
import type { Pending, PendingMessage } from '@/types/pending';
import type { Friend, Profile } from '@/types/person';

/** A conversation with the part of its log that this device holds. */
export interface StoredConversation {
  readonly id: ConversationId;
  readonly conversation: Conversation;
  readonly held: HeldRange;
  /** The own read position as the server last told it. */
  readonly serverReadSeq: Seq;
}

/** People as last seen, so that names are there without a network. */
export interface StoredPeople {
  readonly friends: readonly Friend[];
  readonly profiles: readonly Profile[];
}

interface Schema extends DBSchema {
  conversations: { key: ConversationId; value: StoredConversation };
  entries: { key: [ConversationId, Seq]; value: Entry };
  outbox: { key: ClientMessageId; value: Pending; indexes: { createdAt: number } };
  people: { key: 'people'; value: StoredPeople };
  sync: { key: 'syncedAt'; value: number };
}

type Upgrade = IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>;

const VERSION = 2;

/** What a user's device keeps, in an IndexedDB database of that user. */
export class Storage {
  private constructor(private readonly database: IDBPDatabase<Schema>) {}

  static async open(userId: UserId): Promise<Storage> {
    const database = await openDB<Schema>(`im-rs-${userId}`, VERSION, {
      upgrade(fresh, from, _to, transaction) {
        fresh.createObjectStore('sync');
        if (from === 1) {
          // A database that could not be moved stays as it was, and opening it fails.
          moveFromFirst(transaction).catch(() => transaction.abort());
          return;
        }
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

  /** Server time up to which every state is here; 0: never synced. */
  async syncedAt(): Promise<number> {
    return (await this.database.get('sync', 'syncedAt')) ?? 0;
  }

  async saveSyncedAt(serverTime: number): Promise<void> {
    await this.database.put('sync', serverTime, 'syncedAt');
  }

  /**
   * Entries, the held range that now covers them, the end of the own messages among them, and of what they take back the content
   * ([E6]): all or nothing.
   */
  async saveEntries(stored: StoredConversation, entries: readonly Entry[]): Promise<void> {
    const transaction = this.database.transaction(['conversations', 'entries', 'outbox'], 'readwrite');
    const log = transaction.objectStore('entries');
    const outbox = transaction.objectStore('outbox');
    await Promise.all([
      transaction.objectStore('conversations').put(stored),
      ...entries.map((entry) => log.put(entry)),
      ...entries.map((entry) => outbox.delete(entry.clientMessageId)),
    ]);
    for (const { conversationId, targetSeq, seq } of entries.filter(
      ({ type }) => type === EntryType.Recall,
    )) {
      const since = await log.getAll(rangeOf(conversationId, targetSeq, seq - 1));
      const about = since.filter((entry) => entry.seq === targetSeq || isEditOf(entry, targetSeq));
      await Promise.all(
        about.map((entry) => log.put({ ...entry, text: '', mentions: [], recalledSeq: seq })),
      );
    }
    await transaction.done;
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
  outbox(): Promise<Pending[]> {
    return this.database.getAllFromIndex('outbox', 'createdAt');
  }

  async savePending(item: Pending): Promise<void> {
    await this.database.put('outbox', item);
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

/**
 * Entries and states of the first version say less than this one shows. They are fetched anew: the new version of the page came
 * over the network too. What waits to be sent is kept.
 */
async function moveFromFirst(transaction: Upgrade): Promise<void> {
  const outbox = transaction.objectStore('outbox');
  const waiting = (await outbox.getAll()) as Omit<PendingMessage, 'kind' | 'replyToSeq' | 'mentions'>[];
  await Promise.all([
    transaction.objectStore('conversations').clear(),
    transaction.objectStore('entries').clear(),
    ...waiting.map((message) => outbox.put({ ...message, kind: 'message', replyToSeq: 0, mentions: [] })),
  ]);
}

function isEditOf(entry: Entry, targetSeq: Seq): boolean {
  return entry.type === EntryType.Edit && entry.targetSeq === targetSeq;
}

function rangeOf(conversationId: ConversationId, from: Seq, to: Seq): IDBKeyRange {
  return IDBKeyRange.bound([conversationId, from], [conversationId, to]);
}
