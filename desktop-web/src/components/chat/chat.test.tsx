import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Code } from '@/protocol/codes';
import { applyEvent } from '@/stores/applyEvent';
import { useDraftStore } from '@/stores/draftStore';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, ALICE, BOB, CAROL, makeConversation, makeFriend } from '@/test/people';
import { renderAt } from '@/test/render';
import { makeEntry } from '@/test/serverFrames';
import type { ClientEvent } from '@/types/event';
import { asClientMessageId, asConversationId } from '@/types/ids';
import type { PendingMessage } from '@/types/pending';
import { ChatsPage } from '@/pages/chats/ChatsPage';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const CHAT = asConversationId('70');
const waiting: PendingMessage = {
  clientMessageId: asClientMessageId('019b7ca9-8f2e-7abc-8000-00000000ffff'),
  kind: 'message',
  conversationId: CHAT,
  text: 'on its way',
  replyToSeq: 0,
  mentions: [],
  createdAt: 1_767_323_100_000,
  attempted: false,
  state: 'sending',
  failure: null,
};

const OFFLINE: ClientEvent = {
  type: 'connectionChanged',
  connection: { phase: 'offline', reason: 'unreachable', attempt: 1, retryAt: 0 },
};

function openChat(path = '/chats/70') {
  return renderAt(<ChatsPage />, path, '/chats/:conversationId?');
}

function showLog(tip: number, changes: Parameters<typeof makeConversation>[2] = {}) {
  const entries = Array.from({ length: tip }, (_, index) =>
    makeEntry(CHAT, index + 1, { senderId: index % 2 === 0 ? BOB.userId : ALICE.userId }),
  );
  applyEvent({ type: 'conversationsChanged', conversations: [makeConversation(CHAT, tip, changes)] });
  applyEvent({
    type: 'logOpened',
    page: { conversationId: CHAT, entries, about: [], first: true, last: true },
  });
}

beforeEach(() => {
  resetClient();
  useDraftStore.setState({ drafts: {} });
  applyEvent({ type: 'signedIn', account: ACCOUNT });
  applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB, { online: true }), makeFriend(CAROL)] });
  applyEvent({ type: 'localDataLoaded', conversations: [], pending: [] });
});

/** H4, G1 */
describe('the list of chats', () => {
  it('shows names, previews and unread counts, newest activity first', () => {
    applyEvent({
      type: 'conversationsChanged',
      conversations: [
        makeConversation('70', 1, { unread: 0 }),
        makeConversation('71', 2, { peerId: CAROL.userId, unread: 120 }),
      ],
    });
    openChat('/chats');
    const rows = within(screen.getByRole('region', { name: 'Conversations' })).getAllByRole('link');
    expect(rows.map((row) => row.textContent)).toEqual([
      expect.stringContaining('Carol'),
      expect.stringContaining('Bob'),
    ]);
    expect(rows[0]).toHaveTextContent('message 2');
    expect(rows[0]).toHaveTextContent('99+');
    expect(rows[0]).toHaveTextContent('120 unread');
    expect(rows[1]).toHaveTextContent('online');
  });

  it('shows the remark in place of the name', () => {
    applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB, { remark: 'Bobby' })] });
    applyEvent({ type: 'conversationsChanged', conversations: [makeConversation('70', 1)] });
    openChat('/chats');
    expect(screen.getByRole('link', { name: /Bobby/ })).toBeVisible();
  });

  it('says what to do when there is none', () => {
    openChat('/chats');
    expect(screen.getByText('No chats yet')).toBeVisible();
    expect(screen.getByText('Choose a chat to start')).toBeVisible();
  });
});

describe('the message log', () => {
  it('opens the log of the chosen chat', () => {
    applyEvent({ type: 'conversationsChanged', conversations: [makeConversation(CHAT, 1)] });
    openChat();
    expect(fakeClient.openLog).toHaveBeenCalledWith(CHAT);
  });

  it('that could not be opened is said of its own chat, not of the next one', async () => {
    fakeClient.openLog.mockImplementation((id) =>
      id === CHAT ? Promise.reject(new Error('offline')) : new Promise(() => undefined),
    );
    applyEvent({
      type: 'conversationsChanged',
      conversations: [makeConversation(CHAT, 1), makeConversation('71', 1, { peerId: CAROL.userId })],
    });
    openChat();
    expect(await screen.findByText('Messages could not be loaded')).toBeVisible();
    await userEvent.click(screen.getByRole('link', { name: /Carol/ }));
    expect(fakeClient.openLog).toHaveBeenLastCalledWith('71');
    expect(screen.queryByText('Messages could not be loaded')).not.toBeInTheDocument();
  });

  it('that could not be opened after its chat was left does not take from the next one what is said of it', async () => {
    let fail: () => void = () => undefined;
    const late = new Promise<void>((_, reject) => (fail = () => reject(new Error('offline'))));
    fakeClient.openLog.mockImplementation((id) =>
      id === CHAT ? late : Promise.reject(new Error('offline')),
    );
    applyEvent({
      type: 'conversationsChanged',
      conversations: [makeConversation(CHAT, 1), makeConversation('71', 1, { peerId: CAROL.userId })],
    });
    openChat();
    await userEvent.click(screen.getByRole('link', { name: /Carol/ }));
    expect(await screen.findByText('Messages could not be loaded')).toBeVisible();
    await act(() => {
      fail();
      return late.catch(() => undefined);
    });
    expect(screen.getByText('Messages could not be loaded')).toBeVisible();
  });

  /** D7, H13 */
  it('names each message by sender, time and state', () => {
    showLog(4, { peerReadSeq: 2, peerDeliveredSeq: 3 });
    openChat();
    const names = within(screen.getByRole('log'))
      .getAllByRole('article')
      .map((article) => article.getAttribute('aria-label'));
    expect(names[0]).toMatch(/^Bob, \d\d:\d\d$/);
    expect(names[1]).toMatch(/^You, \d\d:\d\d, read$/);
    expect(names[3]).toMatch(/^You, \d\d:\d\d, sent$/);
    expect(screen.getByRole('img', { name: 'read' })).toBeVisible();
  });

  it('marks read what is on the screen', async () => {
    showLog(2);
    openChat();
    await waitFor(() => expect(fakeClient.markRead).toHaveBeenCalledWith(CHAT));
  });

  it('keeps the unread line where it was when the chat was opened', () => {
    showLog(3, { readSeq: 2, unread: 1 });
    openChat();
    expect(screen.getByText('1 new message')).toBeVisible();
  });

  it('shows a message that waits, and the same row when it is stored', () => {
    showLog(1);
    applyEvent({ type: 'messageQueued', message: waiting });
    openChat();
    const row = screen.getByRole('article', { name: /sending/ });
    const stored = makeEntry(CHAT, 2, {
      clientMessageId: waiting.clientMessageId,
      senderId: ALICE.userId,
      text: waiting.text,
    });
    const conversation = makeConversation(CHAT, 2);
    act(() => applyEvent({ type: 'entriesApplied', conversation, entries: [stored] }));
    expect(screen.getAllByText('on its way', { selector: 'article *' })).toHaveLength(1);
    expect(row).toHaveAttribute('data-state', 'sent');
  });

  it('lets a failed message be sent again or deleted', async () => {
    showLog(1);
    applyEvent({ type: 'messageQueued', message: { ...waiting, state: 'failed', failure: Code.NotFriends } });
    openChat();
    expect(screen.getByRole('alert')).toHaveTextContent('Not sent: you are not friends.');
    await userEvent.click(screen.getByRole('button', { name: 'Resend' }));
    expect(fakeClient.resend).toHaveBeenCalledWith(waiting.clientMessageId);
    await userEvent.click(screen.getByRole('button', { name: 'Delete' }));
    expect(fakeClient.discard).toHaveBeenCalledWith(waiting.clientMessageId);
  });

  it('says when a chat is not there, once the server was asked', () => {
    openChat('/chats/999');
    expect(screen.queryByText('This chat is not here')).not.toBeInTheDocument();
    act(() => applyEvent({ type: 'synced' }));
    expect(screen.getByText('This chat is not here')).toBeVisible();
  });
});

describe('a chat that is not there', () => {
  it('is waited for, says so offline, and has the way back to the list', async () => {
    openChat('/chats/999');
    const main = within(screen.getByRole('main'));
    expect(await main.findByRole('status', { name: 'Loading messages' })).toBeVisible();
    act(() => applyEvent(OFFLINE));
    expect(main.getByText('This chat is not here')).toBeVisible();
    expect(main.getByText('If it is yours, it shows as soon as there is a connection.')).toBeVisible();
    await userEvent.click(main.getByRole('button', { name: 'Back' }));
    expect(screen.getByText('Choose a chat to start')).toBeVisible();
  });
});

/** H4 */
describe('a log that this device does not hold', () => {
  const skeleton = () => screen.queryByRole('status', { name: 'Loading messages' });
  const showNothingHeld = () => {
    applyEvent({ type: 'conversationsChanged', conversations: [makeConversation(CHAT, 3)] });
    const page = { conversationId: CHAT, entries: [], about: [], first: false, last: true };
    applyEvent({ type: 'logOpened', page });
  };

  it('is waited for with what stands in its place', async () => {
    applyEvent({ type: 'conversationsChanged', conversations: [makeConversation(CHAT, 3)] });
    openChat();
    expect(screen.queryByRole('log')).not.toBeInTheDocument();
    expect((await screen.findByRole('status', { name: 'Loading messages' })).parentElement).toHaveAttribute(
      'aria-busy',
      'true',
    );
    act(() => showLog(3));
    expect(screen.getByRole('log')).toBeVisible();
    expect(skeleton()).not.toBeInTheDocument();
  });

  it('is waited for when its page is empty, and cannot be had offline', async () => {
    showNothingHeld();
    openChat();
    expect(await screen.findByRole('status', { name: 'Loading messages' })).toBeVisible();
    act(() => applyEvent(OFFLINE));
    expect(screen.getByText('Messages could not be loaded')).toBeVisible();
    expect(skeleton()).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(fakeClient.retryNow).toHaveBeenCalledExactlyOnceWith();
  });

  it('shows what is written there', () => {
    showNothingHeld();
    applyEvent({ type: 'messageQueued', message: waiting });
    applyEvent(OFFLINE);
    openChat();
    expect(screen.getByRole('article', { name: /sending/ })).toBeVisible();
  });

  it('does not flash before one that it holds', () => {
    applyEvent({ type: 'conversationsChanged', conversations: [makeConversation(CHAT, 3)] });
    openChat();
    expect(skeleton()).not.toBeInTheDocument();
    act(() => showLog(3));
    expect(screen.getByRole('log')).toBeVisible();
    expect(skeleton()).not.toBeInTheDocument();
  });
});
