import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConversationType } from '@/protocol/codes';
import { openStorage } from '@/services/storage/openStorage';
import { useChatStore } from '@/stores/chatStore';
import { closeDevices, openDevice, restOf, SELF, showLog, showOlder } from '@/test/device';
import { eventually } from '@/test/eventually';
import { FakeServer } from '@/test/fakeServer';
import { FakeSession } from '@/test/fakeSession';
import { makeEntry, makeState } from '@/test/serverFrames';
import { asConversationId, asUserId, type ConversationId } from '@/types/ids';

const QUIET = asConversationId('70');
const BUSY = asConversationId('71');
const DATABASE = asUserId('12345');

const chat = () => useChatStore.getState();
const seqs = (id: ConversationId) => chat().logs[id]?.entries.map(({ seq }) => seq) ?? [];
const upTo = (tip: number) => Array.from({ length: tip }, (_, index) => index + 1);

function makeServer(): FakeServer {
  const server = new FakeServer(SELF);
  for (const [id, count] of [
    [QUIET, 400],
    [BUSY, 100],
  ] as const) {
    server.setState(makeState(id, 0, { type: ConversationType.Group, peerId: null, activity: Number(id) }));
    for (let seq = 1; seq <= count; seq += 1)
      server.store(makeEntry(id, seq, { createdAt: Number(id) * 1_000 + seq }));
  }
  return server;
}

const methodOf = (name: 'put' | 'delete') =>
  Reflect.get(IDBObjectStore.prototype, name) as (
    this: IDBObjectStore,
    ...values: unknown[]
  ) => IDBRequest<IDBValidKey> & IDBRequest<undefined>;

/** Entries that fit on the disk; beyond, a put is refused as browsers refuse it. Deleting makes room. */
let room = Infinity;
beforeEach(() => {
  room = Infinity;
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const put = methodOf('put');
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value, key) {
    if (this.name === 'entries' && (room -= 1) < 0) throw new DOMException('full', 'QuotaExceededError');
    return put.call(this, value, key);
  });
});
afterEach(() => {
  closeDevices();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

async function makeOnline(server: FakeServer) {
  const device = await openDevice(DATABASE, restOf(server));
  device.engine.attach(new FakeSession(server));
  await eventually(() => expect(chat().synced).toBe(true));
  return device;
}

/** H5 */
describe('a full disk', () => {
  it('gives up the oldest of what was silent the longest, and goes on', async () => {
    const server = makeServer();
    const { engine, storage } = await makeOnline(server);
    await showLog(engine, BUSY);
    room = 0;
    const forget = methodOf('delete');
    vi.spyOn(IDBObjectStore.prototype, 'delete').mockImplementation(function (this: IDBObjectStore, key) {
      if (this.name === 'entries') room = 1_000;
      return forget.call(this, key);
    });
    engine.onPush({ kind: 'pushMessage', entries: [server.store(makeEntry(BUSY, 101))] });
    expect(seqs(BUSY).at(-1)).toBe(101);
    await eventually(async () => expect(await storage.entries(BUSY, 101, 101)).toHaveLength(1));
    const kept = await storage.entries(QUIET, 1, 400);
    expect(kept.length).toBeLessThan(400);
    expect(kept.at(-1)?.seq).toBe(400);
    // What was let go of comes from the server again.
    await showLog(engine, QUIET);
    while (!chat().logs[QUIET]?.first) await showOlder(engine, QUIET, seqs(QUIET)[0] ?? 0);
    expect(seqs(QUIET)).toEqual(upTo(400));
  });

  it('that stays full keeps what is new in memory, and a reload finds the log without a hole', async () => {
    const server = makeServer();
    const degraded = vi.fn();
    const first = await makeOnline(server);
    first.engine.detach();
    first.storage.close();
    const storage = await openStorage(DATABASE, degraded);
    const entries = await storage.entries(BUSY, 1, 100);
    const [stored] = (await storage.conversations()).filter(({ id }) => id === BUSY);
    if (!stored) throw new Error('not stored');
    room = 0;
    await storage.saveEntries({ ...stored, held: { from: 1, to: 101 } }, [makeEntry(BUSY, 101)]);
    expect(degraded.mock.calls).toEqual([['full']]);
    expect(await storage.entries(BUSY, 1, 200)).toEqual([...entries, makeEntry(BUSY, 101)]);
    await storage.saveSyncedAt(99);
    const reloaded = await openStorage(DATABASE);
    expect((await reloaded.conversations()).find(({ id }) => id === BUSY)?.held).toEqual({
      from: 1,
      to: 100,
    });
    expect(await reloaded.syncedAt()).toBe(0);
    room = Infinity;
    await storage.saveEntries({ ...stored, held: { from: 1, to: 102 } }, [makeEntry(BUSY, 102)]);
    expect((await reloaded.entries(BUSY, 100, 200)).map(({ seq }) => seq)).toEqual([100, 101, 102]);
    storage.close();
    reloaded.close();
  });

  it('that is full from the start shows and sends everything all the same', async () => {
    const server = makeServer();
    room = 0;
    const { engine } = await makeOnline(server);
    await showLog(engine, QUIET);
    await engine.outgoing.send(QUIET, 'hello');
    await eventually(() => expect(seqs(QUIET).at(-1)).toBe(401));
    expect(chat().pending[QUIET]).toEqual([]);
  });
});
