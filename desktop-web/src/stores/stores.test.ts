import { beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, ALICE, BOB, makeConversation, makeFriend, makeRequest } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import { asConversationId } from '@/types/ids';
import { useAccountStore } from './accountStore';
import { applyEvent } from './applyEvent';
import { orderedConversations, totalUnread, useChatStore } from './chatStore';
import { useConnectionStore } from './connectionStore';
import { nameOf, openRequests, useContactStore } from './contactStore';
import { ask, showToast, useFeedbackStore } from './feedbackStore';
import { useRecallStore } from './recallStore';

const CHAT = asConversationId('70');
const chat = () => useChatStore.getState();
const seqs = () => chat().logs[CHAT]?.entries.map(({ seq }) => seq);
const entries = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => makeEntry(CHAT, from + index));
const opened = (from: number, to: number) =>
  applyEvent({
    type: 'logOpened',
    page: { conversationId: CHAT, entries: entries(from, to), about: [], first: from === 1, last: true },
  });
const applied = (from: number, to: number) =>
  applyEvent({
    type: 'entriesApplied',
    conversation: makeConversation(CHAT, to),
    entries: entries(from, to),
  });

beforeEach(() => {
  applyEvent({ type: 'signedIn', account: ACCOUNT });
});

describe('the chat store', () => {
  it('adds what enters an open log, once', () => {
    opened(1, 3);
    applied(2, 4);
    applied(5, 5);
    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  it('does not build a log that nobody opened', () => {
    applied(1, 3);
    expect(seqs()).toBeUndefined();
    expect(chat().conversations[CHAT]?.last?.seq).toBe(3);
  });

  it('starts an empty open log with its first message', () => {
    applyEvent({
      type: 'logOpened',
      page: { conversationId: CHAT, entries: [], about: [], first: true, last: true },
    });
    applied(1, 1);
    expect(seqs()).toEqual([1]);
  });

  it('puts an older page in front, and ignores one that does not fit', () => {
    opened(11, 12);
    applyEvent({
      type: 'olderLoaded',
      page: { conversationId: CHAT, entries: entries(6, 10), about: [], first: false, last: false },
    });
    applyEvent({
      type: 'olderLoaded',
      page: { conversationId: CHAT, entries: entries(1, 3), about: [], first: true, last: false },
    });
    expect(seqs()).toEqual([6, 7, 8, 9, 10, 11, 12]);
    expect(chat().logs[CHAT]?.first).toBe(false);
  });

  it('closes a log that starts anew, so that it is opened again without a hole', () => {
    opened(1, 3);
    applyEvent({ type: 'logRestarted', conversation: makeConversation(CHAT, 2_000) });
    expect(seqs()).toBeUndefined();
  });

  it('orders by activity and sums what is unread', () => {
    applyEvent({
      type: 'conversationsChanged',
      conversations: [makeConversation('70', 1), makeConversation('71', 5), makeConversation('72', 0)],
    });
    expect(orderedConversations(chat()).map(({ id }) => id)).toEqual(['71', '70', '72']);
    expect(totalUnread(chat())).toBe(6);
  });

  it('forgets everything with the user', () => {
    opened(1, 3);
    applyEvent({ type: 'signedOut' });
    expect(chat()).toMatchObject({ loaded: false, conversations: {}, logs: {} });
    expect(useAccountStore.getState()).toEqual({ status: 'signedOut', account: null });
  });
});

describe('what was put to a user', () => {
  const feedback = () => useFeedbackStore.getState();
  const putSomething = () => {
    ask({ title: 'Leave?', okText: 'Leave', cancelText: 'Stay', onOk: () => undefined });
    showToast('info', 'Uploading', 'upload', 0);
    useRecallStore.getState().keep(CHAT, 1, { text: 'taken back', mentions: [], at: 0 });
  };

  it.each([
    ['signs out', { type: 'signedOut' }],
    ['is another one', { type: 'signedIn', account: { ...ACCOUNT, userId: BOB.userId } }],
  ] as const)('is gone when the user %s', (_, event) => {
    putSomething();
    applyEvent(event);
    expect(feedback()).toEqual({ toasts: [], confirmations: [] });
    expect(useRecallStore.getState().recalled).toEqual({});
  });

  it('stays when the same user goes on with a new sign-in', () => {
    putSomething();
    applyEvent({ type: 'signedIn', account: ACCOUNT });
    expect(feedback()).toMatchObject({ toasts: [{ key: 'upload' }], confirmations: [{ title: 'Leave?' }] });
  });
});

describe('the contact store', () => {
  const contacts = () => useContactStore.getState();

  it('names people by remark, nickname and username', () => {
    applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB, { remark: 'Bobby' })] });
    applyEvent({ type: 'profilesLoaded', profiles: [{ ...ALICE, nickname: '' }] });
    expect(nameOf(contacts(), BOB.userId)).toBe('Bobby');
    expect(nameOf(contacts(), ALICE.userId)).toBe('alice');
  });

  /** F5 */
  it('follows presence, and knows nothing of it offline', () => {
    applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB)] });
    applyEvent({ type: 'presenceChanged', userId: BOB.userId, online: true, lastSeen: 0 });
    expect(contacts().online[BOB.userId]).toBe(true);
    applyEvent({
      type: 'connectionChanged',
      connection: { phase: 'offline', reason: 'unreachable', attempt: 1, retryAt: 0 },
    });
    expect(contacts().online[BOB.userId]).toBeUndefined();
    expect(useConnectionStore.getState().connection.phase).toBe('offline');
  });

  it('counts the requests that wait for an answer', () => {
    const received = [makeRequest(BOB), makeRequest(ALICE, { status: 'rejected' })];
    applyEvent({ type: 'requestsLoaded', received, sent: [makeRequest(BOB)] });
    expect(openRequests(contacts())).toBe(1);
  });
});
