import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openStorage } from '@/services/storage/openStorage';
import { OutgoingMessages } from '@/services/sync/outgoingMessages';
import { eventually } from '@/test/eventually';
import { ACCOUNT, ALICE, BOB, makeConversation, makeFriend } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import type { ClientEvent } from '@/types/event';
import { asConversationId, type ConversationId } from '@/types/ids';
import { createClient, type Client } from './client';

const CHAT = asConversationId('70');
const OTHER = asConversationId('71');
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
  vi.unstubAllGlobals();
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

/** D15: what is sent at once with a picture that takes its time. */
describe('files', () => {
  const picture = new File(['png'], 'sea.png', { type: 'image/png' });
  const notes = new File(['text'], 'notes.pdf', { type: 'application/pdf' });

  async function openClient() {
    await leaveBehind();
    let measure: () => void = () => undefined;
    const measured = new Promise<Partial<ImageBitmap>>((resolve) => {
      measure = () => resolve({ width: 400, height: 300, close: () => undefined });
    });
    vi.stubGlobal('createImageBitmap', () => measured);
    const events: ClientEvent[] = [];
    const client = createClient((event) => events.push(event));
    client.start();
    const queued = (id: ConversationId) =>
      events.flatMap((event) =>
        event.type === 'messageQueued' && event.message.conversationId === id
          ? [event.message.upload?.name ?? event.message.text]
          : [],
      );
    return { client, measure, queued };
  }

  it('stand in the order in which they were sent, and their text after them, however long one is measured', async () => {
    const { client, measure, queued } = await openClient();
    const sent = [
      client.sendFile(CHAT, picture, { replyToSeq: 1 }),
      client.sendFile(CHAT, notes),
      client.sendText(CHAT, 'the sea'),
    ];
    await client.sendText(OTHER, 'of nobody else');
    expect(queued(OTHER)).toEqual(['of nobody else']);
    expect(queued(CHAT)).toEqual([]);
    measure();
    await Promise.all(sent);
    expect(queued(CHAT)).toEqual(['sea.png', 'notes.pdf', 'the sea']);
    await client.signOut();
  });

  it('go on when one before them could not be taken, which only its sender hears', async () => {
    const { client, measure, queued } = await openClient();
    vi.spyOn(OutgoingMessages.prototype, 'sendFile').mockRejectedValueOnce(new Error('no room'));
    const refused = client.sendFile(CHAT, picture);
    const sent = [client.sendFile(CHAT, notes), client.sendText(CHAT, 'the sea')];
    measure();
    await expect(refused).rejects.toThrow('no room');
    await Promise.all(sent);
    expect(queued(CHAT)).toEqual(['notes.pdf', 'the sea']);
    await client.signOut();
  });
});
