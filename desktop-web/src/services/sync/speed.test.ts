import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConversationType } from '@/protocol/codes';
import { openDatabase } from '@/services/storage/schema';
import { useChatStore } from '@/stores/chatStore';
import { closeDevices, newDatabase, openDevice, SELF, showLog, showOlder } from '@/test/device';
import { eventually } from '@/test/eventually';
import { FakeServer } from '@/test/fakeServer';
import { FakeSession } from '@/test/fakeSession';
import { makeConversation } from '@/test/people';
import { makeEntry, makeState } from '@/test/serverFrames';
import { asConversationId, type ConversationId } from '@/types/ids';

const CHAT = asConversationId('70');
const chat = () => useChatStore.getState();

/** Requests to IndexedDB while something is done: what costs time there, and what a machine under load does not change. */
async function requestsDuring(work: () => Promise<void>): Promise<number> {
  const names = ['put', 'get', 'getAll', 'getAllKeys', 'delete'] as const;
  const spies = [
    ...names.map((name) => vi.spyOn(IDBObjectStore.prototype, name)),
    vi.spyOn(IDBIndex.prototype, 'getAll'),
  ];
  await work();
  const count = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  spies.forEach((spy) => spy.mockRestore());
  return count;
}

/** How often the screen was told. */
function eventsDuring(): () => number {
  let count = 0;
  const stop = useChatStore.subscribe(() => (count += 1));
  return () => {
    stop();
    return count;
  };
}

afterEach(() => {
  closeDevices();
  vi.restoreAllMocks();
});

/** What must not grow with the square of anything. */
describe('the work of', () => {
  it('adopting 1,000 conversations is one event and one write for each of them', async () => {
    const server = new FakeServer(SELF);
    for (let id = 1_000; id < 2_000; id += 1)
      server.setState(makeState(String(id), 0, { type: ConversationType.Group }));
    const { engine, storage } = await openDevice();
    const events = eventsDuring();
    const requests = await requestsDuring(async () => {
      engine.attach(new FakeSession(server));
      await eventually(() => expect(chat().synced).toBe(true));
    });
    expect(Object.keys(chat().conversations)).toHaveLength(1_000);
    // A page of states has 100.
    expect(events()).toBeLessThan(20);
    expect(requests).toBeLessThan(1_100);
    expect(await storage.conversations()).toHaveLength(1_000);
  });

  it('applying 10,000 entries is one event and one write for each page of them', async () => {
    const server = new FakeServer(SELF);
    const logs: ConversationId[] = [];
    for (let id = 1_000; id < 1_010; id += 1) {
      const conversationId = asConversationId(String(id));
      logs.push(conversationId);
      const entries = Array.from({ length: 1_000 }, (_, index) => makeEntry(conversationId, index + 1));
      server.logs.set(conversationId, entries);
      server.setState(makeState(conversationId, 1_000, { type: ConversationType.Group }));
    }
    const { engine, storage } = await openDevice();
    const events = eventsDuring();
    const requests = await requestsDuring(async () => {
      engine.attach(new FakeSession(server));
      await eventually(() => expect(chat().synced).toBe(true));
      await storage.entries(logs.at(-1) ?? CHAT, 1, 1);
    });
    expect(events()).toBeLessThan(60);
    expect(requests).toBeLessThan(10_000 * 1.05);
  });

  it('opening and scrolling a log of 100,000 stored entries is that of its pages', async () => {
    const database = newDatabase();
    const stored = {
      id: CHAT,
      conversation: makeConversation(CHAT, 100_000, { unread: 0, readSeq: 100_000 }),
      held: { from: 1, to: 100_000 },
      serverReadSeq: 100_000,
    };
    const raw = await openDatabase(`im-rs-${database}`);
    await raw.put('conversations', stored);
    // What is read is at the end; the rest is not looked at, and need not be there.
    const newest = raw.transaction('entries', 'readwrite');
    for (let seq = 99_000; seq <= 100_000; seq += 1) void newest.store.put(makeEntry(CHAT, seq));
    await newest.done;
    raw.close();
    const { engine } = await openDevice(database);
    const requests = await requestsDuring(async () => {
      await showLog(engine, CHAT);
      for (let page = 0; page < 16; page += 1) {
        await showOlder(engine, CHAT, chat().logs[CHAT]?.entries[0]?.seq ?? 0);
      }
    });
    expect(chat().logs[CHAT]?.entries[0]?.seq).toBe(99_151);
    // Its entries and their later changes.
    expect(requests).toBe(17 * 2);
  });
});
