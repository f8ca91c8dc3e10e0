import { openDB } from 'idb';
import { describe, expect, it } from 'vitest';
import { makeConversation } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import { asConversationId, asUserId } from '@/types/ids';
import { openStorage } from './openStorage';

/** A database as the first version of this client left it. */
async function leaveFirstVersion(name: string): Promise<void> {
  const first = await openDB(name, 1, {
    upgrade(fresh) {
      fresh.createObjectStore('conversations', { keyPath: 'id' });
      fresh.createObjectStore('entries', { keyPath: ['conversationId', 'seq'] });
      fresh.createObjectStore('outbox', { keyPath: 'clientMessageId' }).createIndex('createdAt', 'createdAt');
      fresh.createObjectStore('people');
    },
  });
  await first.put('conversations', { id: '70', conversation: { id: '70' }, held: { from: 1, to: 1 } });
  await first.put('entries', { conversationId: '70', seq: 1, text: 'old' });
  await first.put('outbox', {
    clientMessageId: 'a',
    conversationId: '70',
    text: 'waits',
    createdAt: 1,
    attempted: true,
    state: 'sending',
    failure: null,
  });
  await first.put('people', { friends: [], profiles: [] }, 'people');
  first.close();
}

describe('the storage', () => {
  it('of the first version keeps what waits and fetches the rest anew', async () => {
    await leaveFirstVersion('im-rs-900');
    const storage = await openStorage(asUserId('900'));
    expect(await storage.conversations()).toEqual([]);
    expect(await storage.entries(asConversationId('70'), 1, 9)).toEqual([]);
    expect(await storage.syncedAt()).toBe(0);
    expect(await storage.people()).toEqual({ friends: [], profiles: [] });
    expect(await storage.outbox()).toMatchObject([
      { kind: 'message', text: 'waits', replyToSeq: 0, mentions: [], state: 'sending' },
    ]);
    storage.close();
  });

  it('keeps a conversation with its entries', async () => {
    const storage = await openStorage(asUserId('901'));
    const stored = {
      id: asConversationId('70'),
      conversation: makeConversation('70', 2),
      held: { from: 1, to: 2 },
      serverReadSeq: 1,
    };
    await storage.saveEntries(stored, [makeEntry('70', 1), makeEntry('70', 2)]);
    await storage.saveSyncedAt(7);
    expect(await storage.conversations()).toEqual([stored]);
    expect((await storage.entries(stored.id, 2, 9)).map(({ seq }) => seq)).toEqual([2]);
    expect(await storage.syncedAt()).toBe(7);
    storage.close();
  });
});
