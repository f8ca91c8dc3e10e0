import type { IDBPDatabase, IDBPTransaction } from 'idb';
import { EntryType, isChange } from '@/protocol/codes';
import type { Entry } from '@/types/entry';
import type { ClientMessageId, ConversationId, Seq } from '@/types/ids';
import type { Pending } from '@/types/pending';
import { erase } from './erase';
import type { Schema } from './schema';
import type { Storage, StoredConversation, StoredPeople } from './storage';

const LOG_STORES = ['conversations', 'entries', 'outbox', 'uploads', 'pictures'] as const;

type LogTransaction = IDBPTransaction<Schema, typeof LOG_STORES, 'readwrite'>;

/** Entries of all logs together: with their indexes some 150 MB, of half a kilobyte each and twice that where texts are long. */
const MAX_ENTRIES = 200_000;

/** Pictures of all logs together: some 20 kB each. */
const MAX_PICTURES = 1_000;

/** What a user's device keeps, in IndexedDB. Every call is one transaction; a call that fails changed nothing. */
export class IndexedStorage implements Storage {
  readonly capacity = MAX_ENTRIES;
  onFull: Storage['onFull'] = () => Promise.resolve();

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
    await put(this.database.transaction(LOG_STORES, 'readwrite'), stored, entries);
  }

  async dropEntries(stored: StoredConversation): Promise<void> {
    const transaction = this.database.transaction(['conversations', 'entries', 'pictures'], 'readwrite');
    const dropped = rangeOf(stored.id, 0, stored.held.from - 1);
    await Promise.all([
      transaction.objectStore('conversations').put(stored),
      transaction.objectStore('entries').delete(dropped),
      transaction.objectStore('pictures').delete(dropped),
      transaction.done,
    ]);
  }

  async replaceEntries(stored: StoredConversation, entries: readonly Entry[]): Promise<void> {
    const transaction = this.database.transaction(LOG_STORES, 'readwrite');
    const all = rangeOf(stored.id, 0, Number.MAX_SAFE_INTEGER);
    await Promise.all([
      transaction.objectStore('entries').delete(all),
      transaction.objectStore('pictures').delete(all),
      put(transaction, stored, entries),
    ]);
  }

  async clearHistory(): Promise<void> {
    const stores = ['conversations', 'entries', 'pictures', 'sync'] as const;
    const transaction = this.database.transaction(stores, 'readwrite');
    await Promise.all([
      transaction.objectStore('conversations').clear(),
      transaction.objectStore('entries').clear(),
      transaction.objectStore('pictures').clear(),
      transaction.objectStore('sync').clear(),
      transaction.done,
    ]);
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

  async savePending(item: Pending, file?: Blob): Promise<void> {
    const transaction = this.database.transaction(['outbox', 'uploads'], 'readwrite');
    await Promise.all([
      transaction.objectStore('outbox').put(item),
      file && transaction.objectStore('uploads').put(file, item.clientMessageId),
      transaction.done,
    ]);
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

  async picture(conversationId: ConversationId, seq: Seq): Promise<Blob | undefined> {
    return (await this.database.get('pictures', [conversationId, seq]))?.picture;
  }

  async savePicture(conversationId: ConversationId, seq: Seq, picture: Blob): Promise<void> {
    const transaction = this.database.transaction(['entries', 'pictures'], 'readwrite');
    await Promise.all([putPicture(transaction, [conversationId, seq], picture), transaction.done]);
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

/** Puts entries and their conversation, ends what waited for them, and erases what they take back. */
async function put(
  transaction: LogTransaction,
  stored: StoredConversation,
  entries: readonly Entry[],
): Promise<void> {
  const recalls = entries.filter(({ type }) => type === EntryType.Recall);
  try {
    await Promise.all([
      transaction.objectStore('conversations').put(stored),
      ...entries.map(async (entry) => transaction.objectStore('entries').put(entry)),
      endWaiting(transaction, entries),
      ...recalls.map((recall) => eraseTarget(transaction, recall)),
    ]);
  } catch (error) {
    transaction.done.catch(() => undefined);
    // What was put before the refusal must not stay alone. A browser that refused by itself has ended it already.
    if (!transaction.error) transaction.abort();
    throw error;
  }
  await transaction.done;
}

/** The outbox is short, so that looking for its ends costs one request and not one per entry. */
async function endWaiting(transaction: LogTransaction, entries: readonly Entry[]): Promise<void> {
  const outbox = transaction.objectStore('outbox');
  const waiting = new Set(await outbox.getAllKeys());
  const done = entries.filter(({ clientMessageId }) => waiting.has(clientMessageId));
  await Promise.all(
    done.flatMap(({ clientMessageId }) => [
      outbox.delete(clientMessageId),
      transaction.objectStore('uploads').delete(clientMessageId),
    ]),
  );
}

async function eraseTarget(
  transaction: LogTransaction,
  { conversationId, targetSeq, seq }: Entry,
): Promise<void> {
  const log = transaction.objectStore('entries');
  const [message, about] = await Promise.all([
    log.get([conversationId, targetSeq]),
    log.index('target').getAll([conversationId, targetSeq]),
  ]);
  const said = message ? [message, ...about.filter(isEdit)] : about.filter(isEdit);
  await Promise.all([
    ...said.map((entry) => log.put(erase(entry, seq))),
    transaction.objectStore('pictures').delete([conversationId, targetSeq]),
  ]);
}

async function putPicture(
  transaction: IDBPTransaction<Schema, ('entries' | 'pictures')[], 'readwrite'>,
  key: [ConversationId, Seq],
  picture: Blob,
): Promise<void> {
  const message = await transaction.objectStore('entries').get(key);
  if (!message || message.recalledSeq > 0) return;
  const pictures = transaction.objectStore('pictures');
  await pictures.put({ picture, keptAt: Date.now() }, key);
  if ((await pictures.count()) > MAX_PICTURES) await (await pictures.index('keptAt').openCursor())?.delete();
}

function isEdit({ type }: Entry): boolean {
  return type === EntryType.Edit;
}

function rangeOf(conversationId: ConversationId, from: Seq, to: Seq): IDBKeyRange {
  return IDBKeyRange.bound([conversationId, from], [conversationId, to]);
}
