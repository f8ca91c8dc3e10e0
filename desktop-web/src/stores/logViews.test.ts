import { describe, expect, it } from 'vitest';
import { EntryType } from '@/protocol/codes';
import { makeConversation } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import type { Entry } from '@/types/entry';
import type { LogPage } from '@/types/event';
import { asConversationId, type Seq } from '@/types/ids';
import {
  appendPage,
  closeLog,
  enterEntries,
  MAX_LOGS,
  MAX_WINDOW,
  NO_LOGS,
  openLog,
  prependPage,
  reviewEnds,
  type LogViews,
} from './logViews';

const CHAT = asConversationId('70');
const entries = (from: Seq, to: Seq) =>
  Array.from({ length: to - from + 1 }, (_, index) => makeEntry(CHAT, from + index));
const page = (from: Seq, to: Seq, changes: Partial<LogPage> = {}): LogPage => ({
  conversationId: CHAT,
  entries: entries(from, to),
  about: [],
  first: from === 1,
  last: false,
  ...changes,
});
const reaction = (seq: Seq, targetSeq: Seq) => makeEntry(CHAT, seq, { type: EntryType.Reaction, targetSeq });
const view = (views: LogViews) => views.logs[CHAT];
const range = (views: LogViews) => [view(views)?.entries[0]?.seq, view(views)?.entries.at(-1)?.seq];
const about = (views: LogViews) => view(views)?.about.map(({ seq }: Entry) => seq);

/** A log with 2,000 entries whose last ones are on the screen. */
const atEnd = () => openLog(NO_LOGS, page(1_951, 2_000, { last: true }));

describe('the window of a log', () => {
  it('grows at both ends by adjacent pages, and ignores others', () => {
    let views = openLog(NO_LOGS, page(500, 550));
    views = prependPage(views, page(450, 499));
    views = appendPage(views, page(551, 600));
    expect(range(prependPage(views, page(300, 350)))).toEqual([450, 600]);
    expect(range(appendPage(views, page(700, 750)))).toEqual([450, 600]);
  });

  it('lets go of its newest end when it grows too far at the start, and asks for it again', () => {
    let views = atEnd();
    for (let to = 1_950; view(views)?.last; to -= 50) views = prependPage(views, page(to - 49, to));
    expect(view(views)?.entries.length).toBeLessThanOrEqual(MAX_WINDOW);
    expect(range(views)[0]).toBe(1_151);
    expect(view(views)?.last).toBe(false);
    views = enterEntries(views, CHAT, entries(2_001, 2_001));
    expect(range(views)[1]).toBeLessThan(2_000);
  });

  it('lets go of its oldest end when it grows too far at the end', () => {
    let views = openLog(NO_LOGS, page(1, 50));
    for (let from = 51; from < 1_000; from += 50) views = appendPage(views, page(from, from + 49));
    expect(view(views)?.entries.length).toBeLessThanOrEqual(MAX_WINDOW);
    expect(view(views)?.first).toBe(false);
    expect(range(views)[1]).toBe(1_000);
  });

  it('takes what enters the log only at the newest end', () => {
    expect(range(enterEntries(atEnd(), CHAT, entries(2_001, 2_003)))).toEqual([1_951, 2_003]);
    const elsewhere = openLog(NO_LOGS, page(500, 550));
    expect(range(enterEntries(elsewhere, CHAT, entries(2_001, 2_003)))).toEqual([500, 550]);
  });

  it('takes of many entries what fits, and then does not reach the end any more', () => {
    const views = enterEntries(atEnd(), CHAT, entries(2_001, 3_000));
    expect(view(views)?.entries).toHaveLength(MAX_WINDOW);
    expect(view(views)?.last).toBe(false);
  });

  it('does not take a page for the end that was read before something entered the log', () => {
    const views = enterEntries(NO_LOGS, CHAT, entries(2_001, 2_001));
    expect(view(openLog(views, page(1_951, 2_000, { last: true })))?.last).toBe(false);
    expect(view(openLog(views, page(1_952, 2_001, { last: true })))?.last).toBe(true);
  });

  it('keeps the later changes of its messages, wherever it is', () => {
    let views = openLog(NO_LOGS, page(500, 550, { about: [reaction(1_000, 520), reaction(1_001, 530)] }));
    views = enterEntries(views, CHAT, [reaction(2_001, 510), reaction(2_002, 490)]);
    expect(about(views)).toEqual([1_000, 1_001, 2_001]);
    // What the window reaches itself stands among its entries.
    views = appendPage(views, page(551, 600));
    views = prependPage(views, page(450, 499, { about: [reaction(2_002, 490)] }));
    expect(about(views)).toEqual([1_000, 1_001, 2_001, 2_002]);
  });

  it('keeps changes that came while a page about their messages was on its way', () => {
    const views = enterEntries(NO_LOGS, CHAT, [reaction(2_001, 510)]);
    expect(about(openLog(views, page(500, 550)))).toEqual([2_001]);
  });

  it('turns changes among its entries into later ones when it lets go of them', () => {
    let views = openLog(NO_LOGS, page(801, 850, { last: true }));
    views = enterEntries(views, CHAT, [reaction(851, 810)]);
    for (let to = 800; to > 50; to -= 50) views = prependPage(views, page(to - 49, to));
    expect(range(views)[1]).toBeLessThan(810);
    expect(about(views)).toEqual([]);
    views = openLog(NO_LOGS, page(801, 850, { last: true }));
    views = enterEntries(views, CHAT, [...entries(851, 1_500), reaction(1_501, 810)]);
    views = prependPage(views, page(701, 800));
    expect(range(views)[1]).toBeLessThan(1_501);
    expect(about(views)).toEqual([1_501]);
  });

  it('is kept for the logs that were opened last', () => {
    const views = [1, 2, 3, 4, 5, 1].reduce(
      (before, id) => openLog(before, page(1, 2, { conversationId: asConversationId(String(id)) })),
      NO_LOGS,
    );
    expect(Object.keys(views.logs)).toHaveLength(MAX_LOGS);
    expect(views.opened).toEqual(['3', '4', '5', '1']);
    expect(Object.keys(closeLog(views, asConversationId('4')).logs)).toEqual(['1', '3', '5']);
  });

  it('asks for what is newer when another tab took over that knows more', () => {
    let views = openLog(NO_LOGS, page(801, 850, { last: true }));
    views = reviewEnds(views, [makeConversation(CHAT, 850)]);
    expect(views.logs[CHAT]?.last).toBe(true);
    views = reviewEnds(views, [makeConversation(CHAT, 852)]);
    expect(views.logs[CHAT]?.last).toBe(false);
    views = appendPage(views, page(851, 852, { last: true }));
    expect(views.logs[CHAT]?.last).toBe(true);
  });

  it('is opened anew when it was empty and another tab took over that knows more', () => {
    const empty = openLog(NO_LOGS, page(1, 0, { first: true, last: true }));
    expect(reviewEnds(empty, [makeConversation(CHAT, 0)])).toBe(empty);
    expect(reviewEnds(empty, [makeConversation(CHAT, 40, { fromSeq: 40 })])).toBe(empty);
    const views = reviewEnds(empty, [makeConversation(CHAT, 1)]);
    expect(view(views)).toBeUndefined();
    expect(view(enterEntries(views, CHAT, entries(2, 2)))).toBeUndefined();
  });
});
