import { act, screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { EntryType } from '@/protocol/codes';
import { applyEvent } from '@/stores/applyEvent';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, BOB, makeConversation, makeFriend } from '@/test/people';
import { renderAt } from '@/test/render';
import { makeEntry } from '@/test/serverFrames';
import type { Entry } from '@/types/entry';
import { asConversationId, type Seq } from '@/types/ids';
import type { QuotePage } from '@/types/quote';
import { ChatsPage } from '@/pages/chats/ChatsPage';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const CHAT = asConversationId('70');

/** Messages of Bob from 901 on; by their places some answer others. */
const entries = (count: number, answers: Readonly<Record<number, Seq>> = {}) =>
  Array.from({ length: count }, (_, index) =>
    makeEntry(CHAT, 901 + index, { senderId: BOB.userId, targetSeq: answers[index] ?? 0 }),
  );

function show(list: readonly Entry[]): void {
  const tip = list.at(-1)?.seq ?? 0;
  applyEvent({
    type: 'conversationsChanged',
    conversations: [makeConversation(CHAT, tip, { unread: 0, readSeq: tip })],
  });
  applyEvent({
    type: 'logOpened',
    page: { conversationId: CHAT, entries: list, about: [], first: false, last: true },
  });
  renderAt(<ChatsPage />, '/chats/70', '/chats/:conversationId?/:seq?');
}
const arrive = (...list: Entry[]) =>
  act(() => {
    const conversation = makeConversation(CHAT, list.at(-1)?.seq ?? 0, { unread: 0 });
    applyEvent({ type: 'entriesApplied', conversation, entries: list });
  });
const load = (changes: Partial<QuotePage>) =>
  act(() =>
    applyEvent({
      type: 'quotesLoaded',
      page: { conversationId: CHAT, entries: [], about: [], absent: [], ...changes },
    }),
  );
const quote = () => screen.getByRole('blockquote');
/** What was asked for is answered, with this or nothing. */
const answered = () => act(() => Promise.resolve());

beforeEach(() => {
  resetClient();
  applyEvent({ type: 'signedIn', account: ACCOUNT });
  applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB)] });
  applyEvent({ type: 'localDataLoaded', conversations: [], pending: [] });
});

/** D11 */
describe('a reply to a message outside the window', () => {
  it('asks for what it answers, and shows it, edited or taken back later', async () => {
    show(entries(3, { 2: 5 }));
    expect(fakeClient.loadQuotes).toHaveBeenCalledExactlyOnceWith(CHAT, [5]);
    expect(quote()).toHaveTextContent('An earlier message');
    load({ entries: [makeEntry(CHAT, 5, { senderId: BOB.userId })] });
    expect(quote()).toHaveTextContent('Bobmessage 5');
    await answered();
    arrive(makeEntry(CHAT, 904, { type: EntryType.Edit, targetSeq: 5, text: 'edited' }));
    expect(quote()).toHaveTextContent('Bobedited');
    arrive(makeEntry(CHAT, 905, { type: EntryType.Recall, targetSeq: 5 }));
    expect(quote()).toHaveTextContent('Original not available');
    expect(fakeClient.loadQuotes).toHaveBeenCalledOnce();
  });

  it('says that it is not there, and asks once', async () => {
    show(entries(3, { 2: 5 }));
    load({ absent: [5] });
    await answered();
    arrive(makeEntry(CHAT, 904));
    await answered();
    expect(quote()).toHaveTextContent('Original not available');
    expect(within(quote()).queryByRole('button')).not.toBeInTheDocument();
    expect(fakeClient.loadQuotes).toHaveBeenCalledOnce();
  });

  it('asks when it comes by a push', async () => {
    show(entries(3));
    expect(fakeClient.loadQuotes).not.toHaveBeenCalled();
    arrive(makeEntry(CHAT, 904, { targetSeq: 5 }));
    expect(fakeClient.loadQuotes).toHaveBeenCalledExactlyOnceWith(CHAT, [5]);
    await answered();
  });

  it('asks as long as it is near the view, and for a few at once', async () => {
    show(entries(200, Object.fromEntries(Array.from({ length: 200 }, (_, index) => [index, 1 + index]))));
    for (let round = 0; round < 20; round += 1) await answered();
    const asked = fakeClient.loadQuotes.mock.calls.flatMap(([, seqs]) => seqs);
    expect(asked).toContain(200);
    expect(asked).not.toContain(150);
    expect(new Set(asked).size).toBe(asked.length);
    expect(fakeClient.loadQuotes.mock.calls.every(([, seqs]) => seqs.length <= 8)).toBe(true);
  });

  it('asks again with the next connection, when nobody could be asked', async () => {
    show(entries(3, { 2: 5 }));
    await answered();
    arrive(makeEntry(CHAT, 904));
    await answered();
    expect(fakeClient.loadQuotes).toHaveBeenCalledOnce();
    act(() =>
      applyEvent({
        type: 'connectionChanged',
        connection: { phase: 'online', transport: 'webTransport' },
      }),
    );
    expect(fakeClient.loadQuotes).toHaveBeenCalledTimes(2);
    await answered();
  });
});
