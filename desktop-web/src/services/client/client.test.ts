import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openStorage } from '@/services/storage/openStorage';
import { eventually } from '@/test/eventually';
import { ACCOUNT, ALICE, BOB, makeConversation, makeFriend } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import type { ClientEvent } from '@/types/event';
import { asConversationId } from '@/types/ids';
import { createClient, type Client } from './client';

const CHAT = asConversationId('70');
const types = (events: readonly ClientEvent[]) => events.map(({ type }) => type);

/** What an earlier page left on this device. */
async function leaveBehind() {
  localStorage.setItem('im-rs.account', JSON.stringify(ACCOUNT));
  const tokens = { userId: ALICE.userId, accessToken: 'a', refreshToken: 'r', expiresAt: Date.now() + 1e9 };
  localStorage.setItem('im-rs.tokens', JSON.stringify(tokens));
  const storage = await openStorage(ALICE.userId);
  const entries = [makeEntry(CHAT, 1), makeEntry(CHAT, 2)];
  await storage.saveEntries(
    { id: CHAT, conversation: makeConversation(CHAT, 2), held: { from: 1, to: 2 }, serverReadSeq: 0 },
    entries,
  );
  await storage.savePeople({ friends: [makeFriend(BOB, { online: true })], profiles: [BOB] });
  storage.close();
}

beforeEach(() => {
  localStorage.clear();
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('no network'));
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

// The pages of one test are gone in the next one.
afterEach(() => {
  window.dispatchEvent(new Event('pagehide'));
});

describe('the client', () => {
  it('starts signed out on a new device', () => {
    const events: ClientEvent[] = [];
    createClient((event) => events.push(event)).start();
    expect(events).toEqual([{ type: 'signedOut' }]);
  });

  /** H5: a reload without network shows the old messages. */
  it('shows what the device holds without a network, and a log as soon as its chat shows', async () => {
    await leaveBehind();
    const events: ClientEvent[] = [];
    const client: Client = createClient((event) => {
      events.push(event);
      // A chat that is on the screen asks for its log at once.
      if (event.type === 'localDataLoaded') void client.openLog(CHAT);
    });
    client.start();
    await eventually(() => expect(types(events)).toContain('logOpened'));
    const opened = events.find((event) => event.type === 'logOpened');
    expect(opened?.page.entries.map(({ text }) => text)).toEqual(['message 1', 'message 2']);
    await eventually(() => expect(events.at(-1)).toMatchObject({ connection: { phase: 'offline' } }));
    await client.signOut();
    expect(types(events).slice(-2)).toEqual(['signedOut', 'attentionChanged']);
    expect(localStorage.getItem('im-rs.tokens')).toBeNull();
  });

  it('does not claim to know who is online before it is connected', async () => {
    await leaveBehind();
    const events: ClientEvent[] = [];
    const client = createClient((event) => events.push(event));
    client.start();
    await eventually(() => expect(types(events)).toContain('friendsLoaded'));
    const loaded = events.find((event) => event.type === 'friendsLoaded');
    expect(loaded?.friends).toMatchObject([{ friendId: BOB.userId, online: false }]);
    await client.signOut();
  });
});
