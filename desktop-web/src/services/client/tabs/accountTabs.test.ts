import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Workspace } from '@/services/client/workspace';
import { eventually } from '@/test/eventually';
import type { FakeTab } from '@/test/fakeBrowser';
import { FakeServer } from '@/test/fakeServer';
import { ACCOUNT, ALICE, BOB } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import { agree, asked, browser, CHAT, giveTabs, isOnline, openTab, rest } from '@/test/tabs';
import { asUserId } from '@/types/ids';

giveTabs();

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
