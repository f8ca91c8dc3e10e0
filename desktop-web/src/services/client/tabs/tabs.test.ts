import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CloseCode, Code, EntryType } from '@/protocol/codes';
import { ApiError } from '@/services/api/apiError';
import { Workspace } from '@/services/client/workspace';
import { SessionEnded } from '@/services/session/errors';
import { eventually } from '@/test/eventually';
import { FakeBrowser, type FakeTab } from '@/test/fakeBrowser';
import { FakeServer } from '@/test/fakeServer';
import { ACCOUNT, ALICE, BOB, makeFriend } from '@/test/people';
import { makeEntry, makeState } from '@/test/serverFrames';
import { asConversationId, asUserId, WORLD_CONVERSATION } from '@/types/ids';

const CHAT = asConversationId('70');

/** What REST answers, by method and path; else there is no network. */
let rest: Record<string, unknown> = {};
let asked: string[] = [];
let browser: FakeBrowser;
let server: FakeServer;
let user = 100;

function answer(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const path = (input as string).replace('/api/v1', '').replace(/\?.*/, '');
  const key = `${init?.method ?? 'GET'} ${path}`;
  asked.push(key);
  if (!(key in rest)) return Promise.reject(new TypeError('no network'));
  const data = rest[key];
  if (data instanceof Response) return Promise.resolve(data.clone());
  return Promise.resolve(new Response(JSON.stringify({ code: 0, message: '', data })));
}

/** Each test has a user of its own, and with it a database of its own. */
beforeEach(() => {
  localStorage.clear();
  rest = {};
  asked = [];
  user += 1;
  const id = asUserId(`${user}`);
  server = new FakeServer(id);
  server.setState(makeState(CHAT, 0, { peerId: BOB.userId }));
  server.setState(makeState(WORLD_CONVERSATION, 0, { type: 3 }));
  browser = new FakeBrowser(server);
  browser.signIn({ ...ACCOUNT, userId: id, profile: { ...ALICE, userId: id } });
  vi.spyOn(globalThis, 'fetch').mockImplementation(answer);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => browser.close());

const isOnline = (tab: FakeTab) => tab.state.connection.connection.phase === 'online';

/** A tab that shows the chat. */
async function openTab(): Promise<FakeTab> {
  const tab = browser.open();
  await eventually(() => expect(isOnline(tab) && tab.state.chats.synced).toBe(true));
  await tab.client.openLog(CHAT);
  return tab;
}

const stored = () => server.read(CHAT).map(({ text }) => text);

/** All tabs show what the server has, each message once, and nothing waits. */
async function agree(texts: readonly string[]): Promise<void> {
  await eventually(() => {
    expect(stored()).toEqual(texts);
    for (const tab of browser.alive) {
      expect(tab.log(CHAT)).toEqual(texts);
      expect(tab.waiting(CHAT)).toEqual([]);
    }
  });
}

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

/** H16: a phone freezes tabs that nobody sees, whatever lock they hold. */
describe('a tab that leads and is frozen', () => {
  const leading = () => browser.tabs.map(({ leads }) => leads);

  /** As the pages do it: they ask for what is missing at the end of a log. */
  async function fill(): Promise<void> {
    await eventually(async () => {
      for (const { client, state } of browser.alive) {
        const log = state.chats.logs[CHAT];
        const end = log?.entries.at(-1);
        if (log && !log.last && end) await client.loadNewer(CHAT, end.seq);
      }
      expect(browser.alive.map((tab) => tab.log(CHAT).length)).toEqual(
        browser.alive.map(() => stored().length),
      );
    });
  }

  /** With something in the log. */
  async function openTabs(): Promise<readonly [FakeTab, FakeTab, FakeTab]> {
    const tabs = [await openTab(), await openTab(), await openTab()] as const;
    await tabs[0].client.sendText(CHAT, 'zero');
    await agree(['zero']);
    return tabs;
  }

  it('loses the lead to one that somebody sees, which does what was asked, and follows when it wakes', async () => {
    const [first, second] = await openTabs();
    first.freeze();
    const sent = second.client.sendText(CHAT, 'once');
    browser.push(makeEntry(CHAT, 0, { text: 'from bob', senderId: BOB.userId }));
    second.show(true);
    browser.pass(5);
    await sent;
    await eventually(() => expect(second.leads && isOnline(second)).toBe(true));
    first.wake();
    await eventually(() => expect(leading()).toEqual([false, true, false]));
    await first.client.sendText(CHAT, 'awake again');
    await fill();
    await agree(['zero', 'from bob', 'once', 'awake again']);
    expect([...first.doubled, ...second.doubled]).toEqual([]);
  });

  it('is noticed also when it froze while the other was looked at', async () => {
    const [first, second] = [await openTab(), await openTab()];
    second.show(true);
    // The answer comes, and a later one does not.
    await second.client.loadQuotes(CHAT, [1]);
    first.freeze();
    browser.pass(10 + 5);
    await eventually(() => expect(second.leads && isOnline(second)).toBe(true));
  });

  it('does not keep a new tab from having everything', async () => {
    const first = await openTab();
    await first.client.sendText(CHAT, 'one');
    await agree(['one']);
    first.freeze();
    const second = browser.open();
    second.show(true);
    browser.pass(5);
    await eventually(() => expect(isOnline(second) && second.state.chats.synced).toBe(true));
    await second.client.openLog(CHAT);
    expect(second.log(CHAT)).toEqual(['one']);
  });

  it('keeps the lead while nobody sees another', async () => {
    const [first, second] = [await openTab(), await openTab()];
    first.freeze();
    browser.pass(60);
    first.wake();
    await second.client.sendText(CHAT, 'one');
    await agree(['one']);
    expect(leading()).toEqual([true, false]);
  });

  it('is followed by one, though two took the lead at once, and the other waits for its turn', async () => {
    const [first, second, third] = [await openTab(), await openTab(), await openTab()];
    first.freeze();
    second.show(true);
    third.show(true);
    browser.pass(5);
    await eventually(() => expect(leading()).toEqual([true, false, true]));
    await second.client.sendText(CHAT, 'one');
    first.die();
    third.die();
    await eventually(() => expect(second.leads && isOnline(second)).toBe(true));
    await second.client.sendText(CHAT, 'two');
    await agree(['one', 'two']);
  });

  it('leads nobody astray when it wakes and answers who asked long ago', async () => {
    const [first, second, third] = await openTabs();
    first.freeze();
    second.show(true);
    browser.pass(5);
    await eventually(() => expect(second.leads && isOnline(second)).toBe(true));
    const welcomes = (tab: FakeTab) => tab.events.filter(({ type }) => type === 'localDataLoaded').length;
    const before = welcomes(third);
    // It said hello to both, of which one did not hear it yet.
    await third.client.sendText(CHAT, 'one');
    first.wake();
    await eventually(() => expect(welcomes(third)).toBeGreaterThan(before));
    await third.client.sendText(CHAT, 'two');
    await fill();
    await agree(['zero', 'one', 'two']);
    expect(leading()).toEqual([false, true, false]);
  });

  it('that was the next in the queue does not hold up the others either', async () => {
    const [first, second, third] = [await openTab(), await openTab(), await openTab()];
    second.freeze();
    third.show(true);
    first.die();
    browser.pass(10 + 5);
    await eventually(() => expect(third.leads && isOnline(third)).toBe(true));
    second.wake();
    await second.client.sendText(CHAT, 'one');
    await agree(['one']);
    expect(leading()).toEqual([false, false, true]);
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

/** What ends the work of the leading tab for a while goes on without the tab that asked. */
describe('a tab that is closed in the middle of it', () => {
  afterEach(() => vi.useRealTimers());

  it('leaves a cleared history that everybody goes on with', async () => {
    const [leader, follower] = [await openTab(), await openTab()];
    await leader.client.sendText(CHAT, 'one');
    await agree(['one']);
    const begun = () => leader.events.filter(({ type }) => type === 'signedIn').length;
    const cleared = vi.spyOn(Workspace.prototype, 'clearHistory');
    void follower.client.clearHistory();
    await eventually(() => expect(cleared).toHaveBeenCalledOnce());
    follower.die();
    await eventually(() => expect(begun()).toBe(2));
    await eventually(() => expect(isOnline(leader) && leader.state.chats.synced).toBe(true));
    await leader.client.openLog(CHAT);
    await leader.client.sendText(CHAT, 'two');
    await agree(['one', 'two']);
  });

  it('clears for all tabs, and each begins anew once', async () => {
    const tabs = [await openTab(), await openTab()];
    await tabs[1]?.client.clearHistory();
    const begun = (tab: FakeTab) => tab.events.filter(({ type }) => type === 'signedIn').length;
    await eventually(() => {
      expect(tabs.map(begun)).toEqual([2, 2]);
      expect(tabs.every((tab) => isOnline(tab) && tab.state.chats.synced)).toBe(true);
    });
  });

  it('leaves a paused session that comes back by itself, and nobody is told that it is there meanwhile', async () => {
    const [leader, follower] = [await openTab(), await openTab()];
    vi.spyOn(globalThis, 'fetch').mockReturnValue(new Promise(() => undefined));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    void follower.client.changePassword('old', 'a kite in a storm');
    const phase = () => leader.state.connection.connection.phase;
    await eventually(() => expect(phase()).toBe('connecting'));
    follower.die();
    vi.advanceTimersByTime(60_000);
    await eventually(() => expect(isOnline(leader)).toBe(true));
  });

  it('is online at once when the change is refused', async () => {
    const [leader, follower] = [await openTab(), await openTab()];
    await expect(follower.client.changePassword('old', 'a kite in a storm')).rejects.toThrow();
    await eventually(() => expect([isOnline(leader), isOnline(follower)]).toEqual([true, true]));
  });
});

describe('signing in and out', () => {
  const BEN = asUserId('900');
  const pair = (name: string, expiresIn: number = 1e9) => ({
    userId: BEN,
    accessToken: `access-${name}`,
    refreshToken: `refresh-${name}`,
    expiresAt: Date.now() + expiresIn,
  });
  const shown = (tab: FakeTab) => tab.state.account.account?.userId ?? null;

  beforeEach(() => {
    rest['POST /auth/login'] = pair('ben');
    rest['GET /user/profile'] = { ...BOB, userId: BEN };
    rest['POST /auth/logout'] = {};
  });

  /** H16, B4 */
  it('out in one tab is out in all, and nothing of the user is left on the screen', async () => {
    const tabs = [await openTab(), await openTab()];
    await tabs[1]?.client.sendText(CHAT, 'mine');
    await agree(['mine']);
    await tabs[1]?.client.signOut();
    await eventually(() => expect(tabs.map(shown)).toEqual([null, null]));
    for (const { events } of tabs) expect(events).toContainEqual({ type: 'signedOut', chosen: true });
    for (const { state } of tabs) {
      expect(state.chats.conversations).toEqual({});
      expect(state.chats.logs).toEqual({});
    }
    expect(localStorage.getItem('im-rs.tokens')).toBeNull();
    expect(asked).toContain('POST /auth/logout');
  });

  it('to sign in anew says so in all tabs: nothing is forgotten', async () => {
    const tabs = [await openTab(), await openTab()];
    await tabs[1]?.client.signInAgain();
    await eventually(() => expect(tabs.map(shown)).toEqual([null, null]));
    for (const { events } of tabs) expect(events).toContainEqual({ type: 'signedOut' });
    expect(localStorage.getItem('im-rs.tokens')).toBeNull();
  });

  it('in a tab that follows is in for all, and the leading one works for the new user', async () => {
    const [leader, follower] = [await openTab(), await openTab()];
    await follower.client.signIn('Ben ', 'secret');
    await eventually(() => expect([shown(leader), shown(follower)]).toEqual([BEN, BEN]));
    await eventually(() => expect(follower.state.chats.synced && isOnline(follower)).toBe(true));
    expect([leader.leads, follower.leads]).toEqual([true, false]);
    const later = browser.open();
    await eventually(() => expect(isOnline(later)).toBe(true));
    expect(shown(later)).toBe(BEN);
  });

  it('nothing of one user comes to the screen of the next', async () => {
    const [leader, follower] = [await openTab(), await openTab()];
    const before = shown(leader);
    // What is under way when somebody else signs in.
    void follower.client.sendText(CHAT, 'of the first user').catch(() => undefined);
    browser.push(makeEntry(CHAT, 0, { text: 'for the first user', senderId: BOB.userId }));
    browser.server = new FakeServer(BEN);
    await follower.client.signIn('ben', 'secret');
    await eventually(() => expect(shown(leader)).toBe(BEN));
    await eventually(() => expect(isOnline(follower) && follower.state.chats.synced).toBe(true));
    const index = follower.events.findLastIndex(({ type }) => type === 'signedIn');
    const later = follower.events.slice(index);
    expect(later[0]).toMatchObject({ type: 'signedIn', account: { userId: BEN } });
    expect(JSON.stringify(later)).not.toContain('first user');
    // Who comes back finds everything.
    expect(before).not.toBe(BEN);
    const databases = (await indexedDB.databases()).map(({ name }) => name);
    expect(databases).toEqual(expect.arrayContaining([`im-rs-${before}`, `im-rs-${BEN}`]));
  });

  it('again as the same user loses nothing that waits', async () => {
    const [leader, follower] = [await openTab(), await openTab()];
    const same = shown(leader);
    rest['POST /auth/login'] = { ...pair('again'), userId: same };
    rest['GET /user/profile'] = { ...ALICE, userId: same };
    const sent = follower.client.sendText(CHAT, 'once');
    await leader.client.signIn('alice', 'secret');
    await sent;
    const begun = (tab: FakeTab) => tab.events.filter(({ type }) => type === 'signedIn').length === 2;
    await eventually(() => {
      expect([leader, follower].every((tab) => begun(tab) && tab.state.chats.synced)).toBe(true);
    });
    await Promise.all([leader.client.openLog(CHAT), follower.client.openLog(CHAT)]);
    await agree(['once']);
  });

  /** B3 */
  it('tokens are renewed once for all tabs', async () => {
    const tabs = [await openTab(), await openTab(), await openTab()];
    const { userId } = ACCOUNT;
    localStorage.setItem('im-rs.tokens', JSON.stringify({ ...pair('old', 0), userId }));
    rest['POST /auth/refresh'] = { ...pair('new'), userId };
    rest['GET /files/5'] = { id: '5', url: '', urlExpiresAt: Date.now() + 1e9 };
    await Promise.all(tabs.map(({ client }) => client.fileInfo('5')));
    expect(asked.filter((route) => route === 'POST /auth/refresh')).toHaveLength(1);
  });
});
