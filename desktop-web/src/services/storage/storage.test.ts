import { IDBFactory } from 'fake-indexeddb';
import { openDB, type IDBPDatabase } from 'idb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EntryType } from '@/protocol/codes';
import { makeConversation } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import { asClientMessageId, asConversationId, asUserId, type Seq } from '@/types/ids';
import type { PendingMessage } from '@/types/pending';
import { IndexedStorage } from './indexedStorage';
import { MemoryStorage } from './memoryStorage';
import { openStorage } from './openStorage';
import type { Storage, StoredConversation } from './storage';

const USER = asUserId('900');
const NAME = `im-rs-${USER}`;
const CHAT = asConversationId('70');
const WAITING: PendingMessage = {
  kind: 'message',
  clientMessageId: asClientMessageId('a'),
  conversationId: CHAT,
  text: 'waits',
  replyToSeq: 0,
  mentions: [],
  createdAt: 1,
  attempted: true,
  state: 'sending',
  failure: null,
};

const stored = (from: Seq, to: Seq): StoredConversation => ({
  id: CHAT,
  conversation: makeConversation(CHAT, to),
  held: { from, to },
  serverReadSeq: 1,
});
const seqs = (entries: readonly { seq: Seq }[]) => entries.map(({ seq }) => seq);

/** A database as the first version of this client left it. */
async function leaveFirstVersion(): Promise<void> {
  const first = await openDB(NAME, 1, {
    upgrade(fresh) {
      fresh.createObjectStore('conversations', { keyPath: 'id' });
      fresh.createObjectStore('entries', { keyPath: ['conversationId', 'seq'] });
      fresh.createObjectStore('outbox', { keyPath: 'clientMessageId' }).createIndex('createdAt', 'createdAt');
      fresh.createObjectStore('people');
    },
  });
  const { kind: _kind, replyToSeq: _reply, mentions: _mentions, ...message } = WAITING;
  await first.put('conversations', { id: '70', conversation: { id: '70' }, held: { from: 1, to: 1 } });
  await first.put('entries', { conversationId: '70', seq: 1, text: 'old' });
  await first.put('outbox', message);
  await first.put('people', { friends: [], profiles: [] }, 'people');
  first.close();
}

/** A database as the second version left it, with what it held and what waits; still open, as in a tab that is. */
async function openSecondVersion(): Promise<IDBPDatabase> {
  const second = await openDB(NAME, 2, {
    upgrade(fresh) {
      fresh.createObjectStore('sync');
      fresh.createObjectStore('conversations', { keyPath: 'id' });
      fresh.createObjectStore('entries', { keyPath: ['conversationId', 'seq'] });
      fresh.createObjectStore('outbox', { keyPath: 'clientMessageId' }).createIndex('createdAt', 'createdAt');
      fresh.createObjectStore('people');
    },
  });
  await second.put('conversations', stored(1, 3));
  for (const entry of [
    makeEntry(CHAT, 1),
    makeEntry(CHAT, 2),
    makeEntry(CHAT, 3, { type: EntryType.Reaction, targetSeq: 1, text: '+👍' }),
  ])
    await second.put('entries', entry);
  await second.put('outbox', WAITING);
  await second.put('people', { friends: [], profiles: [] }, 'people');
  await second.put('sync', 77, 'syncedAt');
  return second;
}

let open: Storage[] = [];
async function openHere(onDegraded?: Parameters<typeof openStorage>[1]): Promise<Storage> {
  const storage = await openStorage(USER, onDegraded);
  open.push(storage);
  return storage;
}

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  open.forEach((storage) => storage.close());
  open = [];
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('a database of an earlier version', () => {
  it('of the first keeps what waits and fetches the rest anew', async () => {
    await leaveFirstVersion();
    const storage = await openHere();
    expect(await storage.conversations()).toEqual([]);
    expect(await storage.entries(CHAT, 1, 9)).toEqual([]);
    expect(await storage.syncedAt()).toBe(0);
    expect(await storage.people()).toEqual({ friends: [], profiles: [] });
    expect(await storage.outbox()).toEqual([WAITING]);
  });

  it('of the second keeps everything, and finds what its entries are about', async () => {
    (await openSecondVersion()).close();
    const storage = await openHere();
    expect(await storage.conversations()).toEqual([stored(1, 3)]);
    expect(seqs(await storage.entries(CHAT, 1, 9))).toEqual([1, 2, 3]);
    expect(seqs(await storage.changesAbout(CHAT, 1, 2))).toEqual([3]);
    expect(await storage.syncedAt()).toBe(77);
    expect(await storage.outbox()).toEqual([WAITING]);
    await storage.savePicture(CHAT, 1, new Blob(['pixels']));
    expect(await storage.picture(CHAT, 1)).toBeDefined();
  });

  it('that another tab holds open for good is waited for, then this page goes on in memory', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const other = await openSecondVersion();
    const onDegraded = vi.fn();
    const opening = openHere(onDegraded);
    while (onDegraded.mock.calls.length === 0) await vi.advanceTimersByTimeAsync(500);
    expect(await opening).toBeInstanceOf(MemoryStorage);
    expect(onDegraded).toHaveBeenCalledWith('unavailable');
    vi.useRealTimers();
    other.close();
  });
});

describe.each([
  ['IndexedDB', () => openHere()],
  ['memory', () => Promise.resolve(new MemoryStorage())],
])('the storage in %s', (_name, make) => {
  it('keeps a conversation with its entries', async () => {
    const storage = await make();
    await storage.saveEntries(stored(1, 2), [makeEntry(CHAT, 1), makeEntry(CHAT, 2)]);
    await storage.saveSyncedAt(7);
    expect(await storage.conversations()).toEqual([stored(1, 2)]);
    expect(seqs(await storage.entries(CHAT, 2, 9))).toEqual([2]);
    expect(await storage.entries(CHAT, 5, 4)).toEqual([]);
    expect(await storage.syncedAt()).toBe(7);
  });

  it('finds the later changes of a stretch of a log, and no answers to it', async () => {
    const storage = await make();
    const about = (seq: Seq, type: EntryType, targetSeq: Seq) => makeEntry(CHAT, seq, { type, targetSeq });
    await storage.saveEntries(stored(1, 9), [
      ...[1, 2, 3, 4].map((seq) => makeEntry(CHAT, seq)),
      about(5, EntryType.Reaction, 3),
      about(6, EntryType.Text, 2),
      about(7, EntryType.Edit, 2),
      about(8, EntryType.Reaction, 4),
      about(9, EntryType.Recall, 1),
    ]);
    expect(seqs(await storage.changesAbout(CHAT, 1, 3))).toEqual([5, 7, 9]);
    expect(seqs(await storage.changesAbout(CHAT, 1, 5))).toEqual([7, 8, 9]);
  });

  /** [E6] */
  it('erases what was said in a message and its edits once it is taken back', async () => {
    const storage = await make();
    await storage.saveEntries(stored(1, 2), [
      makeEntry(CHAT, 1, { text: 'secret' }),
      makeEntry(CHAT, 2, { type: EntryType.Edit, targetSeq: 1, text: 'secret too' }),
    ]);
    await storage.saveEntries(stored(1, 3), [
      makeEntry(CHAT, 3, { type: EntryType.Recall, targetSeq: 1, text: '' }),
    ]);
    expect(await storage.entries(CHAT, 1, 2)).toMatchObject([
      { text: '', recalledSeq: 3 },
      { text: '', recalledSeq: 3 },
    ]);
  });

  it('lets go of the start of a log, or of all of it, with the range that says so', async () => {
    const storage = await make();
    await storage.saveEntries(
      stored(1, 4),
      [1, 2, 3, 4].map((seq) => makeEntry(CHAT, seq)),
    );
    await storage.dropEntries(stored(3, 4));
    expect(seqs(await storage.entries(CHAT, 1, 9))).toEqual([3, 4]);
    await storage.replaceEntries(stored(8, 8), [makeEntry(CHAT, 8)]);
    expect(seqs(await storage.entries(CHAT, 1, 9))).toEqual([8]);
    expect((await storage.conversations())[0]?.held).toEqual({ from: 8, to: 8 });
  });

  it('forgets the history and keeps what waits and who is known', async () => {
    const storage = await make();
    await storage.saveEntries(stored(1, 2), [makeEntry(CHAT, 1), makeEntry(CHAT, 2)]);
    await storage.saveSyncedAt(7);
    await storage.savePending(WAITING);
    await storage.savePeople({ friends: [], profiles: [] });
    await storage.clearHistory();
    expect(await storage.conversations()).toEqual([]);
    expect(await storage.entries(CHAT, 1, 2)).toEqual([]);
    expect(await storage.syncedAt()).toBe(0);
    expect(await storage.outbox()).toEqual([WAITING]);
    expect(await storage.people()).toBeDefined();
  });

  it('keeps what waits with its file until it is done', async () => {
    const storage = await make();
    await storage.savePending(WAITING, new Blob(['content']));
    expect(await storage.outbox()).toEqual([WAITING]);
    expect(await storage.upload(WAITING.clientMessageId)).toBeDefined();
    await storage.saveEntries(stored(1, 1), [
      makeEntry(CHAT, 1, { clientMessageId: WAITING.clientMessageId }),
    ]);
    expect(await storage.outbox()).toEqual([]);
    expect(await storage.upload(WAITING.clientMessageId)).toBeUndefined();
  });
});

/** H5 */
describe('pictures of messages', () => {
  const PICTURE = new Blob(['pixels']);

  /** A log whose first messages show one each. */
  async function openWithPictures(...shown: readonly Seq[]): Promise<Storage> {
    const storage = await openHere();
    await storage.saveEntries(
      stored(1, 4),
      [1, 2, 3, 4].map((seq) => makeEntry(CHAT, seq)),
    );
    for (const seq of shown) await storage.savePicture(CHAT, seq, PICTURE);
    return storage;
  }
  const keptOf = async (storage: Storage) => {
    const found = await Promise.all([1, 2, 3, 4, 5].map((seq) => storage.picture(CHAT, seq)));
    return found.flatMap((picture, index) => (picture ? [index + 1] : []));
  };

  it('are there for the next page, of messages that it holds', async () => {
    (await openWithPictures(1, 3, 5)).close();
    expect(await keptOf(await openHere())).toEqual([1, 3]);
  });

  /** [E6] */
  it('go with what is taken back, and do not come again', async () => {
    const storage = await openWithPictures(1, 2);
    await storage.saveEntries(stored(1, 5), [makeEntry(CHAT, 5, { type: EntryType.Recall, targetSeq: 2 })]);
    await storage.savePicture(CHAT, 2, PICTURE);
    expect(await keptOf(storage)).toEqual([1]);
  });

  it('go with the part of the log that is let go of, and with the history', async () => {
    const storage = await openWithPictures(1, 2, 3, 4);
    await storage.dropEntries(stored(3, 4));
    expect(await keptOf(storage)).toEqual([3, 4]);
    await storage.replaceEntries(stored(4, 4), [makeEntry(CHAT, 4)]);
    expect(await keptOf(storage)).toEqual([]);
    await storage.savePicture(CHAT, 4, PICTURE);
    await storage.clearHistory();
    await storage.saveEntries(stored(4, 4), [makeEntry(CHAT, 4)]);
    expect(await keptOf(storage)).toEqual([]);
  });

  it('make room for newer ones', async () => {
    const storage = await openWithPictures();
    const now = vi.spyOn(Date, 'now');
    const count = 1_000;
    const seqs = Array.from({ length: count + 1 }, (_, index) => index + 1);
    await storage.saveEntries(
      stored(1, count + 1),
      seqs.map((seq) => makeEntry(CHAT, seq)),
    );
    // The second is kept first.
    for (const seq of [2, 1, ...seqs.slice(2)]) {
      now.mockReturnValue(now.mock.calls.length);
      await storage.savePicture(CHAT, seq, PICTURE);
    }
    expect(await keptOf(storage)).toEqual([1, 3, 4, 5]);
  });

  it('that the disk has no room for are done without, in silence', async () => {
    const onDegraded = vi.fn();
    const storage = await openHere(onDegraded);
    storage.onFull = vi.fn(() => Promise.resolve());
    await storage.saveEntries(stored(1, 1), [makeEntry(CHAT, 1)]);
    const full = new DOMException('no room', 'QuotaExceededError');
    vi.spyOn(IndexedStorage.prototype, 'savePicture').mockRejectedValue(full);
    await storage.savePicture(CHAT, 1, PICTURE);
    expect(storage.onFull).not.toHaveBeenCalled();
    expect(onDegraded).not.toHaveBeenCalled();
  });
});

describe('a device that keeps nothing', () => {
  it('goes on in memory when IndexedDB is denied', async () => {
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    const onDegraded = vi.fn();
    const storage = await openHere(onDegraded);
    await storage.savePending(WAITING);
    expect(await storage.outbox()).toEqual([WAITING]);
    expect(onDegraded.mock.calls).toEqual([['unavailable']]);
  });

  it('goes on with what it has when a later version takes the database', async () => {
    const onDegraded = vi.fn();
    const storage = await openHere(onDegraded);
    await storage.saveEntries(stored(1, 1), [makeEntry(CHAT, 1)]);
    const later = await openDB(NAME, 99);
    await storage.saveEntries(stored(1, 2), [makeEntry(CHAT, 2)]);
    expect(seqs(await storage.entries(CHAT, 1, 2))).toEqual([2]);
    expect(onDegraded.mock.calls).toEqual([['unavailable']]);
    later.close();
  });
});
