// Tabs of one browser that share a session, as the tests of `services/client/tabs` open them. What is exported here changes with each test.

import { afterEach, beforeEach, expect, vi } from 'vitest';
import { asConversationId, asUserId, WORLD_CONVERSATION } from '@/types/ids';
import { eventually } from './eventually';
import { FakeBrowser, type FakeTab } from './fakeBrowser';
import { FakeServer } from './fakeServer';
import { ACCOUNT, ALICE, BOB } from './people';
import { makeState } from './serverFrames';

export const CHAT = asConversationId('70');

/** What REST answers, by method and path; else there is no network. */
export let rest: Record<string, unknown> = {};
export let asked: string[] = [];
export let browser: FakeBrowser;
export let server: FakeServer;
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

/** Tests of a file that calls this have a user, a server and a browser each, and with the user a database. */
export function giveTabs(): void {
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
}

export const isOnline = (tab: FakeTab) => tab.state.connection.connection.phase === 'online';

/** A tab that shows the chat. */
export async function openTab(): Promise<FakeTab> {
  const tab = browser.open();
  await eventually(() => expect(isOnline(tab) && tab.state.chats.synced).toBe(true));
  await tab.client.openLog(CHAT);
  return tab;
}

export const stored = () => server.read(CHAT).map(({ text }) => text);

/** All tabs show what the server has, each message once, and nothing waits. */
export async function agree(texts: readonly string[]): Promise<void> {
  await eventually(() => {
    expect(stored()).toEqual(texts);
    for (const tab of browser.alive) {
      expect(tab.log(CHAT)).toEqual(texts);
      expect(tab.waiting(CHAT)).toEqual([]);
    }
  });
}
