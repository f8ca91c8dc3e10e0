import { describe, expect, it } from 'vitest';
import { eventually } from '@/test/eventually';
import type { FakeTab } from '@/test/fakeBrowser';
import { BOB } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import { agree, browser, CHAT, giveTabs, isOnline, openTab, stored } from '@/test/tabs';

giveTabs();

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
