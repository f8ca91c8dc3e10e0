import { describe, expect, it, vi } from 'vitest';
import { CloseCode, Code, EntryType } from '@/protocol/codes';
import { ApiError } from '@/services/api/apiError';
import { SessionEnded } from '@/services/session/errors';
import { eventually } from '@/test/eventually';
import type { FakeTab } from '@/test/fakeBrowser';
import { BOB, makeFriend } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import { agree, browser, CHAT, giveTabs, isOnline, openTab, rest, server } from '@/test/tabs';
import { asConversationId, WORLD_CONVERSATION } from '@/types/ids';

giveTabs();

describe('two tabs', () => {
  /** H16 */
  it('share one session: one leads, and what is written in either shows in both, once', async () => {
    const first = await openTab();
    const second = await openTab();
    expect([first.leads, second.leads]).toEqual([true, false]);
    await first.client.sendText(CHAT, 'from the first');
    await second.client.sendText(CHAT, 'from the second');
    browser.push(makeEntry(CHAT, 0, { text: 'from bob', senderId: BOB.userId }));
    await agree(['from the first', 'from the second', 'from bob']);
    expect(second.events.filter(({ type }) => type === 'signedIn')).toHaveLength(1);
  });

  it('show the same though one came late, without asking the server again', async () => {
    rest['GET /friends'] = { friends: [makeFriend(BOB, { online: true })], nextCursor: null };
    rest['GET /friends/requests'] = { requests: [], nextCursor: null };
    const first = await openTab();
    browser.online = false;
    await first.client.sendText(CHAT, 'one');
    await eventually(() => expect(first.waiting(CHAT)).toEqual([]));
    const before = server.received.length;
    const second = await openTab();
    expect(second.state.chats.conversations).toEqual(first.state.chats.conversations);
    expect(second.state.contacts.profiles).toEqual(first.state.contacts.profiles);
    expect(second.state.connection).toEqual(first.state.connection);
    expect(second.log(CHAT)).toEqual(['one']);
    expect(server.received).toHaveLength(before);
  });

  it('get the pages of a log that they asked for, and not those of others', async () => {
    const first = await openTab();
    const second = browser.open();
    await eventually(() => expect(isOnline(second)).toBe(true));
    expect(second.state.chats.logs[CHAT]).toBeUndefined();
    await second.client.openLog(CHAT);
    expect(second.state.chats.logs[CHAT]).toBeDefined();
    expect(first.events.filter(({ type }) => type === 'logOpened')).toHaveLength(1);
  });

  it('get what replies answer, and hear what becomes of it', async () => {
    for (let seq = 1; seq <= 100; seq += 1) server.store(makeEntry(CHAT, seq));
    const first = await openTab();
    const second = await openTab();
    await second.client.loadQuotes(CHAT, [3]);
    const { quotes } = second.state.chats;
    expect(quotes[CHAT]?.sources.get(3)).toMatchObject({ text: 'message 3' });
    expect(first.state.chats.quotes).toEqual({});
    browser.push(makeEntry(CHAT, 0, { type: EntryType.Recall, targetSeq: 3, senderId: BOB.userId }));
    const changes = () => second.state.chats.quotes[CHAT]?.changes.map(({ type }) => type);
    await eventually(() => expect(changes()).toEqual([EntryType.Recall]));
  });

  it('are refused with the same errors', async () => {
    rest['GET /user/search'] = new Response(JSON.stringify({ code: Code.RateLimited, message: 'slow' }), {
      status: 429,
      headers: { 'Retry-After': '7' },
    });
    const leader = await openTab();
    const follower = await openTab();
    for (const { client } of [leader, follower]) {
      const refusal = await client.searchUsers('bob').catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(ApiError);
      expect(refusal).toMatchObject({ code: Code.RateLimited, status: 429, retryAfterSeconds: 7 });
      await expect(client.openLog(asConversationId('99'))).rejects.toMatchObject({ name: 'RequestError' });
    }
  });

  it('say both that the session was ended, and begin again from either', async () => {
    const leader = await openTab();
    const follower = await openTab();
    browser.live?.listener.onState({ phase: 'ended', code: CloseCode.SignedInElsewhere });
    await eventually(() => expect(follower.state.connection.connection.phase).toBe('ended'));
    expect(leader.state.connection.connection.phase).toBe('ended');
    follower.client.connectAgain();
    await eventually(() => expect(isOnline(leader) && isOnline(follower)).toBe(true));
  });

  it('both hear that this device keeps nothing, and so does one that comes later', async () => {
    browser.hasDatabase = false;
    const first = browser.open();
    const second = browser.open();
    const keeps = () => browser.alive.map(({ state }) => state.connection.storage);
    await eventually(() => expect(keeps()).toEqual(['unavailable', 'unavailable']));
    expect([first.leads, second.leads]).toEqual([true, false]);
    browser.open();
    await eventually(() => expect(keeps()).toEqual(['unavailable', 'unavailable', 'unavailable']));
  });

  it('each lead where the browser has no locks', async () => {
    const first = browser.open({ locks: undefined });
    const second = browser.open({ locks: undefined });
    await eventually(() => expect([isOnline(first), isOnline(second)]).toEqual([true, true]));
    expect([first.leads, second.leads]).toEqual([true, true]);
  });
});

describe('the next tab', () => {
  it('leads at once when the first is closed, and nobody sees a page begin anew', async () => {
    const first = await openTab();
    const second = await openTab();
    await first.client.sendText(CHAT, 'one');
    await agree(['one']);
    second.events.length = 0;
    first.leave();
    // It is still there for a moment.
    first.show(false);
    first.client.attend(null);
    first.die();
    await eventually(() => expect(second.leads && isOnline(second)).toBe(true));
    expect(second.events.map(({ type }) => type)).not.toContain('signedIn');
    expect(second.log(CHAT)).toEqual(['one']);
    browser.push(makeEntry(CHAT, 0, { text: 'two', senderId: BOB.userId }));
    await agree(['one', 'two']);
  });

  it('is the reloaded page itself when it is the only one', async () => {
    const first = await openTab();
    first.close();
    const again = browser.open();
    await eventually(() => expect(again.leads && isOnline(again)).toBe(true));
  });

  /** Where the leading tab may be when it dies: what it was told to send is sent once all the same. */
  it.each([
    ['before it has kept the message', 'savePending', 'before'],
    ['after it has kept the message', 'savePending', 'after'],
    ['before the server has the message', 'userMessage', 'before'],
    ['before the acknowledgement', 'userMessage', 'after'],
    ['before it has kept the acknowledgement', 'saveEntries', 'before'],
    ['after it has kept the acknowledgement', 'saveEntries', 'after'],
  ] as const)('sends what the first was asked to send that died %s', async (_, at, moment) => {
    const first = await openTab();
    const second = await openTab();
    const third = await openTab();
    first.dieAt(at, moment);
    await second.client.sendText(CHAT, 'once');
    await eventually(() => expect(first.dead && second.leads).toBe(true));
    await third.client.sendText(CHAT, 'and another');
    await agree(['once', 'and another']);
    const fresh = await openTab();
    expect(fresh.log(CHAT)).toEqual(['once', 'and another']);
  });

  it('sends in the order in which it was written', async () => {
    const first = await openTab();
    const second = await openTab();
    first.dieAt('savePending', 'before');
    const texts = ['1', '2', '3', '4', '5'];
    await Promise.all(texts.map((text) => second.client.sendText(CHAT, text)));
    await agree(texts);
  });

  it('sends what waited in the memory of one that had no database', async () => {
    browser.hasDatabase = false;
    const first = await openTab();
    const second = await openTab();
    browser.online = false;
    browser.live?.listener.onSessionLost();
    await second.client.sendText(CHAT, 'once');
    await eventually(() => expect(second.waiting(CHAT)).toEqual(['once']));
    browser.online = true;
    second.events.length = 0;
    first.die();
    await eventually(() => expect(second.events.map(({ type }) => type)).toContain('synced'));
    await second.client.openLog(CHAT);
    await agree(['once']);
  });

  it('waits while an earlier version of the page takes the lead, and leads again after it', async () => {
    const first = await openTab();
    const second = await openTab();
    const old = browser.locks.page();
    void old.locks
      .request('im-rs.session', { steal: true }, () => new Promise(() => undefined))
      .catch(() => undefined);
    await eventually(() => expect([first.leads, second.leads]).toEqual([false, false]));
    old.end();
    await eventually(() => expect(second.leads && isOnline(second)).toBe(true));
    await first.client.sendText(CHAT, 'one');
    await agree(['one']);
  });

  it('does not do twice what would be done twice', async () => {
    const first = await openTab();
    const second = await openTab();
    let reached: () => void = () => undefined;
    const isReached = new Promise<void>((resolve) => (reached = resolve));
    vi.spyOn(globalThis, 'fetch').mockImplementation(() => {
      reached();
      return new Promise(() => undefined);
    });
    const created = second.client.createGroup({ name: 'Tea', memberIds: [] });
    await isReached;
    first.die();
    await expect(created).rejects.toBeInstanceOf(SessionEnded);
  });

  it('has what came while nobody led', async () => {
    const first = await openTab();
    const second = await openTab();
    first.die();
    browser.push(makeEntry(CHAT, 0, { text: 'meanwhile', senderId: BOB.userId }));
    await eventually(() => expect(second.leads && isOnline(second)).toBe(true));
    await agree(['meanwhile']);
  });
});

describe('tabs of two builds', () => {
  const HOUR = 3_600_000;
  const build = (number: number, loadedAt: number) => ({ entry: `/assets/index-${number}.js`, loadedAt });
  const reloads = () => browser.tabs.map((tab) => tab.reloads);
  const updates = () =>
    browser.tabs.map(({ events }) => events.filter(({ type }) => type === 'updateFound').length);
  const joined = (tab: FakeTab) => eventually(() => expect(isOnline(tab)).toBe(true));

  it('become of one: older ones that nobody sees are loaded anew, and others say that there is a newer one', async () => {
    const second = [await openTab(), await openTab()][1];
    second?.show(true);
    await joined(browser.open({ build: build(2, HOUR) }));
    expect(reloads()).toEqual([1, 0, 0]);
    expect(updates()).toEqual([0, 1, 0]);
  });

  it('stay as they are when they are of the same build, or the older one comes', async () => {
    await joined(browser.open({ build: build(2, HOUR) }));
    await joined(browser.open({ build: build(2, 2 * HOUR) }));
    await joined(browser.open({ build: build(1, 0) }));
    expect(reloads()).toEqual([0, 0, 0]);
    expect(updates()).toEqual([0, 0, 0]);
  });

  it('do not make each other begin anew while a deployment is under way', async () => {
    await joined(browser.open({ build: build(2, HOUR) }));
    await joined(browser.open({ build: build(1, HOUR + 1_000) }));
    expect(reloads()).toEqual([0, 0]);
    expect(updates()).toEqual([1, 0]);
  });
});

describe('the leading tab', () => {
  const followed = () =>
    server.received.filter(({ kind }) => kind === 'follow').map((body) => 'ended' in body && body.ended);

  /** [S12], H11 */
  it('follows the world chat as long as some tab shows it', async () => {
    const [first, second, third] = [await openTab(), await openTab(), await openTab()];
    second.client.follow(WORLD_CONVERSATION);
    third.client.follow(WORLD_CONVERSATION);
    await eventually(() => expect(followed()).toEqual([false]));
    second.client.unfollow(WORLD_CONVERSATION);
    third.die();
    await eventually(() => expect(followed()).toEqual([false, true]));
    expect(first.leads).toBe(true);
  });

  it('goes on following when another tab took over', async () => {
    const [first, , third] = [await openTab(), await openTab(), await openTab()];
    third.client.follow(WORLD_CONVERSATION);
    await eventually(() => expect(followed()).toEqual([false]));
    first.die();
    await eventually(() => expect(followed()).toEqual([false, false]));
  });

  it('tells all tabs what the user looks at in any of them', async () => {
    const [first, second] = [await openTab(), await openTab()];
    const attention = (tab: FakeTab) => tab.events.findLast(({ type }) => type === 'attentionChanged');
    second.show(true);
    second.client.attend(CHAT);
    const expected = { type: 'attentionChanged', visible: true, watched: [CHAT] };
    await eventually(() => expect([attention(first), attention(second)]).toEqual([expected, expected]));
    second.die();
    await eventually(() => expect(attention(first)).toMatchObject({ visible: false, watched: [] }));
  });
});
