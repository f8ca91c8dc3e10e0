import '@/test/sizes';
import { act, screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ConversationType, EntryType } from '@/protocol/codes';
import { applyEvent } from '@/stores/applyEvent';
import { useDraftStore } from '@/stores/draftStore';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, BOB, CAROL, makeConversation, makeFriend } from '@/test/people';
import { renderAt } from '@/test/render';
import { makeEntry } from '@/test/serverFrames';
import type { Entry } from '@/types/entry';
import { asConversationId } from '@/types/ids';
import { ChatsPage } from '@/pages/chats/ChatsPage';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const GROUP = asConversationId('80');
const makeGroup = (changes: Parameters<typeof makeConversation>[2] = {}) =>
  makeConversation(GROUP, 3, {
    type: ConversationType.Group,
    peerId: null,
    name: 'Tea',
    memberCount: 3,
    unread: 0,
    ...changes,
  });
function show(changes: Parameters<typeof makeConversation>[2] = {}, entries: readonly Entry[] = []) {
  applyEvent({ type: 'conversationsChanged', conversations: [makeGroup(changes)] });
  applyEvent({
    type: 'logOpened',
    page: { conversationId: GROUP, entries, about: [], first: true, last: true },
  });
  return renderAt(<ChatsPage />, '/chats/80', '/chats/:conversationId?');
}

beforeEach(() => {
  resetClient();
  useDraftStore.setState({ drafts: {}, told: {} });
  applyEvent({ type: 'signedIn', account: ACCOUNT });
  applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB), makeFriend(CAROL)] });
  applyEvent({ type: 'localDataLoaded', conversations: [], pending: [] });
});

/** E2 */
describe('a group in the list', () => {
  const list = () => screen.getByRole('region', { name: 'Conversations' });

  it('has its name, and the newest message with its sender', () => {
    show({ mentions: 2, unread: 5 });
    const row = within(list()).getByRole('link', { name: /Tea/ });
    expect(row).toHaveTextContent('Bob: message 3');
    expect(row).toHaveTextContent('2 mentions of you');
    expect(row).toHaveTextContent('5 unread');
  });

  it.each([
    [EntryType.Member, '{"change":"invited","users":["3"]}', 'Bob invited Carol'],
    [EntryType.Member, '{"change":"removed","user":"1"}', 'Bob removed you'],
    [EntryType.Member, '{"change":"left","owner":"1"}', 'Bob left. You own the group now'],
    [EntryType.Member, '{"change":"role","user":"3","role":"admin"}', 'Carol is an admin now'],
    [EntryType.Group, '{"created":true,"name":"Tea"}', 'Bob made the group'],
    [EntryType.Group, '{"name":"Coffee"}', 'Bob named the group “Coffee”'],
    [EntryType.Recall, '', 'Bob took a message back'],
    [EntryType.Reaction, '+👍', 'Bob reacted with 👍'],
    [EntryType.Edit, 'better', 'Bob: edited: better'],
    [EntryType.Image, '{"fileId":"f","caption":"the sea"}', 'Bob: [Photo] the sea'],
    [99 as EntryType, '?', 'This kind of message cannot be shown here yet.'],
  ])('says in words what happened last: type %i, %s', (type, text, words) => {
    show({ last: makeEntry(GROUP, 3, { type, text }) });
    expect(within(list()).getByRole('link', { name: /Tea/ })).toHaveTextContent(words);
  });
});

describe('a group chat', () => {
  it('names who wrote, says what happened between, and how many there are', () => {
    show({}, [
      makeEntry(GROUP, 1, { type: EntryType.Member, text: '{"change":"invited","users":["1","3"]}' }),
      makeEntry(GROUP, 2),
      makeEntry(GROUP, 3, { senderId: CAROL.userId }),
    ]);
    const log = screen.getByRole('log');
    expect(log).toHaveTextContent('Bob invited you, Carol');
    const names = within(log)
      .getAllByRole('article')
      .map((message) => message.textContent);
    expect(names).toEqual([expect.stringContaining('Bob'), expect.stringContaining('Carol')]);
    expect(screen.getByText('3 members')).toBeVisible();
    // It shows for a few seconds, which may be over on a machine that does other things as well.
    const at = Date.now() + 60_000;
    act(() => applyEvent({ type: 'typingStarted', conversationId: GROUP, userId: CAROL.userId, at }));
    expect(screen.getAllByText('Carol is typing…')).not.toHaveLength(0);
  });
});
