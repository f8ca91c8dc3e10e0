import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '@/test/eventually';
import { FakeBrowser, type FakeTab } from '@/test/fakeBrowser';
import { FakeServer } from '@/test/fakeServer';
import { ACCOUNT, ALICE, BOB } from '@/test/people';
import { seededRandom, SEEDS } from '@/test/random';
import { makeEntry, makeState } from '@/test/serverFrames';
import { asConversationId, asUserId } from '@/types/ids';

const CHAT = asConversationId('70');
const STEPS = 40;
const MAX_TABS = 3;

/** What a tab may be in the middle of when it dies. */
const DEATHS = [
  'savePending',
  'userMessage',
  'saveEntries',
  'syncRequest',
  'conversations',
  'outbox',
] as const;

beforeEach(() => {
  localStorage.clear();
  vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('no network'));
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});

/** One browser whose tabs come, write, freeze, take the lead from each other, and die in the middle of anything. */
class Play {
  readonly server: FakeServer;
  readonly browser: FakeBrowser;
  /** What a tab was told to be kept. */
  private readonly kept = new Set<string>();
  private readonly written: { readonly tab: FakeTab; readonly text: string }[] = [];
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    const userId = asUserId(`${1_000_000 + seed}`);
    this.server = new FakeServer(userId);
    this.server.setState(makeState(CHAT, 0, { peerId: BOB.userId }));
    this.browser = new FakeBrowser(this.server);
    this.browser.signIn({ ...ACCOUNT, userId, profile: { ...ALICE, userId } });
    this.openTab();
  }

  async step(number: number): Promise<void> {
    const { alive } = this.browser;
    const tab = this.pick(alive.filter(({ frozen }) => !frozen));
    const dice = this.random();
    if (dice < 0.06) this.passTime();
    else if (!tab || (dice < 0.12 && alive.length < MAX_TABS)) this.openTab();
    else if (dice < 0.55) this.write(tab, `own ${number}`);
    else if (dice < 0.7) this.pushFromBob(`bob ${number}`);
    else if (dice < 0.78) tab.die();
    else if (dice < 0.86) tab.close();
    else if (dice < 0.9) tab.freeze();
    else if (dice < 0.95) alive.find(({ frozen }) => frozen)?.wake();
    else tab.dieAt(this.pick(DEATHS) ?? 'savePending', this.random() < 0.5 ? 'before' : 'after');
    // Sometimes everything goes on for a while.
    for (let turns = Math.floor(this.random() * 6); turns > 0; turns -= 1) await turn();
  }

  /** Somebody looks at a tab, long enough to notice that another is silent. */
  passTime(): void {
    const { browser } = this;
    const awake = browser.alive.filter(({ frozen }) => !frozen);
    const seen = this.pick(awake);
    for (const tab of awake) tab.show(tab === seen);
    browser.pass(5);
  }

  /** Must be sent: its tab is there to repeat it, or was told that it is kept. */
  get promised(): readonly string[] {
    return this.written.filter(({ tab, text }) => !tab.dead || this.kept.has(text)).map(({ text }) => text);
  }

  private openTab(): void {
    const tab = this.browser.open();
    // As the page does it: opens the log as soon as the chat is in the list, and asks for what is missing at its end.
    const watch = setInterval(() => {
      if (tab.dead) return clearInterval(watch);
      if (tab.frozen) return;
      const log = tab.state.chats.logs[CHAT];
      const end = log?.entries.at(-1);
      if (!log && tab.state.chats.conversations[CHAT]) void tab.client.openLog(CHAT).catch(() => undefined);
      else if (log && !log.last && end) void tab.client.loadNewer(CHAT, end.seq).catch(() => undefined);
    }, 2);
  }

  private write(tab: FakeTab, text: string): void {
    this.written.push({ tab, text });
    void tab.client.sendText(CHAT, text).then(
      () => tab.dead || this.kept.add(text),
      () => undefined,
    );
  }

  private pushFromBob(text: string): void {
    this.browser.push(makeEntry(CHAT, 0, { text, senderId: BOB.userId }));
  }

  private pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.random() * items.length)];
  }
}

/** Lets the other tabs run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

describe('tabs that come, freeze and die', () => {
  let play: Play | null = null;
  afterEach(() => play?.browser.close());

  /** H16: each message is on the server once, and all tabs and a fresh one show the same. */
  it.each(SEEDS)('show the same in the end, and each message once: seed %i', async (seed) => {
    const played = new Play(seed);
    const { server, browser } = played;
    play = played;
    for (let number = 0; number < STEPS; number += 1) await played.step(number);

    const fresh = browser.open();
    for (const tab of browser.alive) tab.wake();
    await eventually(() => {
      expect(fresh.state.chats.synced).toBe(true);
      expect(browser.alive.flatMap((tab) => tab.waiting(CHAT))).toEqual([]);
      const texts = server.read(CHAT).map(({ text }) => text);
      expect(new Set(texts).size).toBe(texts.length);
      expect(played.promised.filter((text) => !texts.includes(text))).toEqual([]);
    });
    await fresh.client.openLog(CHAT);
    // What a tab that died had asked for and was not promised may still come.
    await eventually(() => {
      const texts = server.read(CHAT).map(({ text }) => text);
      expect(new Set(texts).size).toBe(texts.length);
      for (const tab of browser.alive) expect(tab.log(CHAT)).toEqual(texts);
    });
    for (const tab of browser.tabs) expect([...tab.doubled]).toEqual([]);
  });
});
