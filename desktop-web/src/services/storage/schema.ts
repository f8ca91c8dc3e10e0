import {
  openDB,
  type DBSchema,
  type IDBPDatabase,
  type IDBPTransaction,
  type OpenDBCallbacks,
  type StoreNames,
} from 'idb';
import type { Entry } from '@/types/entry';
import type { ClientMessageId, ConversationId, Seq } from '@/types/ids';
import type { Pending, PendingMessage } from '@/types/pending';
import type { StoredConversation, StoredPeople } from './storage';

/**
 * 2: changes of messages, and the time of the last sync. 3: entries by what they are about, and files that wait. 4: pictures of
 * messages.
 */
const VERSION = 4;

interface KeptPicture {
  readonly picture: Blob;
  readonly keptAt: number;
}

export interface Schema extends DBSchema {
  conversations: { key: ConversationId; value: StoredConversation };
  entries: { key: [ConversationId, Seq]; value: Entry; indexes: { target: [ConversationId, Seq] } };
  outbox: { key: ClientMessageId; value: Pending; indexes: { createdAt: number } };
  uploads: { key: ClientMessageId; value: Blob };
  pictures: { key: [ConversationId, Seq]; value: KeptPicture; indexes: { keptAt: number } };
  people: { key: 'people'; value: StoredPeople };
  sync: { key: 'syncedAt'; value: number };
}

type Upgrade = IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>;

/** Opens the database with this name, and moves one of an earlier version. Nothing of it is lost when that fails. */
export function openDatabase(
  name: string,
  listener: Pick<OpenDBCallbacks<Schema>, 'blocked' | 'blocking' | 'terminated'> = {},
): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(name, VERSION, {
    ...listener,
    upgrade(database, from, _to, transaction) {
      if (from === 0) create(database);
      if (from < 2) database.createObjectStore('sync');
      if (from < 3) {
        database.createObjectStore('uploads');
        transaction.objectStore('entries').createIndex('target', ['conversationId', 'targetSeq']);
      }
      if (from < 4) database.createObjectStore('pictures').createIndex('keptAt', 'keptAt');
      // A database that could not be moved stays as it was, and opening it fails.
      if (from === 1) moveFromFirst(transaction).catch(() => transaction.abort());
    },
  });
}

function create(database: IDBPDatabase<Schema>): void {
  database.createObjectStore('conversations', { keyPath: 'id' });
  database.createObjectStore('entries', { keyPath: ['conversationId', 'seq'] });
  database.createObjectStore('outbox', { keyPath: 'clientMessageId' }).createIndex('createdAt', 'createdAt');
  database.createObjectStore('people');
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
