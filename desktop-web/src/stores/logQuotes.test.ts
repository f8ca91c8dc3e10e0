import { describe, expect, it } from 'vitest';
import { EntryType } from '@/protocol/codes';
import { makeConversation } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import type { Entry } from '@/types/entry';
import type { ClientEvent, LogPage } from '@/types/event';
import { asConversationId, asUserId, type Seq } from '@/types/ids';
import type { QuotePage } from '@/types/quote';
import { LogLayout } from '@/utils/logLayout';
import { reduceChats, useChatStore, type ChatState } from './chatStore';
import { MAX_QUOTES } from './logQuotes';

const CHAT = asConversationId('70');
const EMPTY = useChatStore.getInitialState();
const entries = (from: Seq, to: Seq) =>
  Array.from({ length: to - from + 1 }, (_, index) => makeEntry(CHAT, from + index));
const page = (list: readonly Entry[], changes: Partial<LogPage> = {}): LogPage => ({
  conversationId: CHAT,
  entries: list,
  about: [],
  first: false,
  last: true,
  ...changes,
});
const quotes = (list: readonly Entry[], changes: Partial<QuotePage> = {}): ClientEvent => ({
  type: 'quotesLoaded',
  page: { conversationId: CHAT, entries: list, about: [], absent: [], ...changes },
});
const change = (seq: Seq, type: EntryType, targetSeq: Seq, text = '') =>
  makeEntry(CHAT, seq, { type, targetSeq, text });
const applied = (...list: Entry[]): ClientEvent => ({
  type: 'entriesApplied',
  conversation: makeConversation(CHAT, list.at(-1)?.seq ?? 0),
  entries: list,
});
const after = (state: ChatState, ...events: readonly ClientEvent[]) => events.reduce(reduceChats, state);

/** A log that ends with an answer to message 5. */
const opened = after(EMPTY, {
  type: 'logOpened',
  page: page([...entries(1_951, 1_999), makeEntry(CHAT, 2_000, { targetSeq: 5 })]),
});

/** What the answer to a message quotes. */
function quoted({ logs, quotes: all }: ChatState) {
  const log = logs[CHAT];
  if (!log) return undefined;
  const layout = new LogLayout(asUserId('1'));
  const parts = { pending: [], changes: [], peerReadSeq: 0, peerDeliveredSeq: 0, unreadAfter: null };
  const row = layout
    .rows({ log, quotes: all[CHAT], ...parts })
    .find((one) => one.kind === 'message' && one.quote !== null);
  return row?.kind === 'message' ? row.quote : undefined;
}
const text = (text: string) => ({ absent: false, message: { body: { kind: 'text', text } } });

describe('what the messages of a window answer', () => {
  it('is known once it came, and absent once it is known not to be there', () => {
    expect(quoted(opened)).toEqual({ seq: 5, message: null, absent: false });
    expect(quoted(after(opened, quotes([makeEntry(CHAT, 5)])))).toMatchObject(text('message 5'));
    expect(quoted(after(opened, quotes([], { absent: [5] })))).toMatchObject({ message: null, absent: true });
  });

  it('follows later changes, though these leave the window again', () => {
    let state = after(opened, quotes([makeEntry(CHAT, 5)]));
    state = after(state, applied(change(2_001, EntryType.Edit, 5, 'edited')));
    expect(quoted(state)).toMatchObject(text('edited'));
    for (let to = 1_950; state.logs[CHAT]?.last; to -= 50)
      state = after(state, { type: 'olderLoaded', page: page(entries(to - 49, to), { last: false }) });
    state = after(
      state,
      { type: 'logOpened', page: page([makeEntry(CHAT, 900, { targetSeq: 5 })], { last: false }) },
      quotes([makeEntry(CHAT, 6)]),
    );
    expect(quoted(state)).toMatchObject(text('edited'));
    state = after(state, applied(change(2_002, EntryType.Recall, 5)));
    expect(quoted(state)).toMatchObject({ message: { body: { kind: 'recalled' } } });
  });

  it('knows a change that came while it was on its way', () => {
    const state = after(opened, applied(change(2_001, EntryType.Recall, 5)), quotes([makeEntry(CHAT, 5)]));
    expect(quoted(state)).toMatchObject({ message: { body: { kind: 'recalled' } } });
  });

  it('learns of a change by a page, when nobody told it', () => {
    const state = after(opened, quotes([makeEntry(CHAT, 5)]), {
      type: 'newerLoaded',
      page: page([change(2_001, EntryType.Edit, 5, 'edited')]),
    });
    expect(quoted(state)).toMatchObject(text('edited'));
    expect(state.quotes[CHAT]?.changes).toHaveLength(1);
  });

  it('is given up with the log', () => {
    const state = after(opened, quotes([makeEntry(CHAT, 5)]));
    const conversation = makeConversation(CHAT, 9_000);
    expect(after(state, { type: 'logRestarted', conversation }).quotes).toEqual({});
    expect(after(EMPTY, quotes([makeEntry(CHAT, 5)])).quotes).toEqual({});
  });

  it('is bounded', () => {
    const state = after(opened, quotes(entries(1, MAX_QUOTES)), quotes(entries(901, 910)));
    const { sources } = state.quotes[CHAT] ?? {};
    expect(sources?.size).toBe(MAX_QUOTES);
    expect([sources?.has(10), sources?.has(11), sources?.has(910)]).toEqual([false, true, true]);
  });
});
