import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Storage } from '@/services/storage/storage';
import { ACCOUNT, ALICE, BOB, makeConversation, makeFriend } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import type { ClientEvent } from '@/types/event';
import { asConversationId } from '@/types/ids';
import { Client } from './client';
import { Leadership } from './leadership';

const CHAT = asConversationId('70');
const types = (events: readonly ClientEvent[]) => events.map(({ type }) => type);

/** What an earlier page left on this device. */
async function leaveBehind() {
  localStorage.setItem('im-rs.account', JSON.stringify(ACCOUNT));
  const tokens = { userId: ALICE.userId, accessToken: 'a', refreshToken: 'r', expiresAt: Date.now() + 1e9 };
  localStorage.setItem('im-rs.tokens', JSON.stringify(tokens));
  const storage = await Storage.open(ALICE.userId);
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

describe('the client', () => {
  it('starts signed out on a new device', async () => {
    const events: ClientEvent[] = [];
    await new Client((event) => events.push(event)).start();
    expect(events).toEqual([{ type: 'signedOut' }]);
  });

  /** H5: a reload without network shows the old messages. */
  it('shows what the device holds without a network, and a log as soon as its chat shows', async () => {
    await leaveBehind();
    const events: ClientEvent[] = [];
    const client: Client = new Client((event) => {
      events.push(event);
      // A chat that is on the screen asks for its log at once.
      if (event.type === 'localDataLoaded') void client.openLog(CHAT);
    });
    await client.start();
    await vi.waitFor(() => expect(types(events)).toContain('logOpened'));
    const opened = events.find((event) => event.type === 'logOpened');
    expect(opened?.page.entries.map(({ text }) => text)).toEqual(['message 1', 'message 2']);
    await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ connection: { phase: 'offline' } }));
    await client.signOut();
    expect(types(events).at(-1)).toBe('signedOut');
    expect(localStorage.getItem('im-rs.tokens')).toBeNull();
  });

  it('does not claim to know who is online before it is connected', async () => {
    await leaveBehind();
    const events: ClientEvent[] = [];
    const client = new Client((event) => events.push(event));
    await client.start();
    const loaded = events.find((event) => event.type === 'friendsLoaded');
    expect(loaded?.friends).toMatchObject([{ friendId: BOB.userId, online: false }]);
    await client.signOut();
  });
});

/** A lock manager of one browser, for the two tabs of a test. */
class FakeLocks {
  private holder: { reject: (error: Error) => void } | null = null;
  private queue: (() => void)[] = [];

  async request(_name: string, options: LockOptions, hold: () => Promise<void>): Promise<void> {
    if (options.steal) this.holder?.reject(new DOMException('stolen', 'AbortError'));
    else if (this.holder) await this.turn(options.signal);
    const own = { reject: (_: Error) => undefined as void };
    this.holder = own;
    const taken = new Promise<void>((_, reject) => (own.reject = reject));
    try {
      await Promise.race([hold(), taken]);
    } finally {
      if (this.holder === own) {
        this.holder = null;
        this.queue.shift()?.();
      }
    }
  }

  private turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.queue.push(resolve);
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }
}

describe('the leadership of a tab', () => {
  beforeEach(() => {
    Object.defineProperty(navigator, 'locks', { value: new FakeLocks(), configurable: true });
  });
  afterEach(() => {
    Reflect.deleteProperty(navigator, 'locks');
  });

  it('belongs to the first tab until another takes it', async () => {
    const lost = vi.fn<() => void>();
    const first = new Leadership(lost);
    const second = new Leadership(vi.fn<() => void>(), 50);
    expect(await first.tryLead()).toBe(true);
    expect(await second.tryLead()).toBe(false);
    expect(lost).not.toHaveBeenCalled();
    await second.take();
    await vi.waitFor(() => expect(lost).toHaveBeenCalledOnce());
  });

  it('passes on when the tab gives it up, as at a reload', async () => {
    const first = new Leadership(vi.fn<() => void>());
    await first.tryLead();
    const next = new Leadership(vi.fn<() => void>()).tryLead();
    first.resign();
    expect(await next).toBe(true);
  });
});
