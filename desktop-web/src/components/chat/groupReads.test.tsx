import { act, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConversationType } from '@/protocol/codes';
import { applyEvent } from '@/stores/applyEvent';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, ALICE, BOB, CAROL, makeConversation, makeFriend } from '@/test/people';
import { renderAt } from '@/test/render';
import { makeEntry } from '@/test/serverFrames';
import { asConversationId } from '@/types/ids';
import { ChatsPage } from '@/pages/chats/ChatsPage';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const CHAT = asConversationId('70');

/** A group of three in which the user wrote these of 100 messages; Bob has read all of them, Carol up to one. */
function show(own: readonly number[], readByCarol: number = 0): void {
  const entries = Array.from({ length: 100 }, (_, index) =>
    makeEntry(CHAT, index + 1, { senderId: own.includes(index + 1) ? ALICE.userId : BOB.userId }),
  );
  fakeClient.receipts.mockResolvedValue({
    members: 2,
    delivered: 2,
    read: 1,
    receipts: [
      { userId: BOB.userId, readSeq: 100, deliveredSeq: 100 },
      { userId: CAROL.userId, readSeq: readByCarol, deliveredSeq: 100 },
    ],
    nextUserId: null,
  });
  const conversation = makeConversation(CHAT, 100, {
    type: ConversationType.Group,
    peerId: null,
    unread: 0,
    readSeq: 100,
  });
  applyEvent({ type: 'conversationsChanged', conversations: [conversation] });
  applyEvent({
    type: 'logOpened',
    page: { conversationId: CHAT, entries, about: [], first: true, last: true },
  });
  renderAt(<ChatsPage />, '/chats/70', '/chats/:conversationId?/:seq?');
}
const pass = (seconds: number) => act(() => vi.advanceTimersByTimeAsync(seconds * 1_000));
const scrollTo = (top: number) =>
  act(() => {
    screen.getByRole('log').scrollTop = top;
  });
const see = (state: DocumentVisibilityState) =>
  act(() => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state);
    document.dispatchEvent(new Event('visibilitychange'));
  });
const asked = () => fakeClient.receipts.mock.calls.length;

beforeEach(() => {
  vi.useFakeTimers();
  resetClient();
  applyEvent({ type: 'signedIn', account: ACCOUNT });
  applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB), makeFriend(CAROL)] });
  applyEvent({ type: 'localDataLoaded', conversations: [], pending: [] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** R17 */
describe('how many have read an own message', () => {
  /** D7 */
  it('is said of each, by one answer about the newest', async () => {
    show([99, 100], 99);
    await pass(1);
    expect(screen.getByRole('button', { name: '2 read' })).toBeVisible();
    expect(screen.getByRole('button', { name: '1 read' })).toBeVisible();
    expect(screen.queryByRole('img', { name: 'sent' })).not.toBeInTheDocument();
    expect(fakeClient.receipts).toHaveBeenCalledExactlyOnceWith(CHAT, 100, null);
  });

  it('is asked for again while it is on the screen and not all have read it', async () => {
    show([100]);
    await pass(1);
    expect(fakeClient.receipts).toHaveBeenCalledExactlyOnceWith(CHAT, 100, null);
    await pass(20);
    expect(asked()).toBe(2);
  });

  it('is not asked for while nobody can see the page, and at once when it was long ago', async () => {
    show([100]);
    await pass(1);
    see('hidden');
    await pass(100);
    expect(asked()).toBe(1);
    see('visible');
    await pass(1);
    expect(asked()).toBe(2);
  });

  it('is not asked for while no own message is on the screen, and no more often for going there', async () => {
    show([1]);
    await pass(100);
    expect(asked()).toBe(0);
    scrollTo(0);
    await pass(1);
    expect(asked()).toBe(1);
    for (let turn = 0; turn < 4; turn += 1) {
      scrollTo(4_000);
      await pass(2);
      scrollTo(0);
      await pass(2);
    }
    expect(asked()).toBe(1);
    await pass(5);
    expect(asked()).toBe(2);
  });
});
