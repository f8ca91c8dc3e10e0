import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ConversationType, EntryType, JoinChange, Role } from '@/protocol/codes';
import { applyEvent } from '@/stores/applyEvent';
import { useDraftStore } from '@/stores/draftStore';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, ALICE, BOB, CAROL, makeConversation, makeFriend, makeProfile } from '@/test/people';
import { renderAt } from '@/test/render';
import { makeEntry } from '@/test/serverFrames';
import type { Entry } from '@/types/entry';
import type { GroupRole, Member } from '@/types/group';
import { ANNOUNCEMENTS, asConversationId } from '@/types/ids';
import type { Profile } from '@/types/person';
import { ChatsPage } from '@/pages/chats/ChatsPage';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const GROUP = asConversationId('80');
const DAVE = makeProfile('4', 'dave', 'Dave');
const makeGroup = (changes: Parameters<typeof makeConversation>[2] = {}) =>
  makeConversation(GROUP, 3, {
    type: ConversationType.Group,
    peerId: null,
    name: 'Tea',
    memberCount: 3,
    unread: 0,
    ...changes,
  });
const member = (profile: Profile, role: GroupRole): Member => ({
  userId: profile.userId,
  role,
  joinedAt: Number(profile.userId),
  silencedUntil: null,
  profile,
});

function show(changes: Parameters<typeof makeConversation>[2] = {}, entries: readonly Entry[] = []) {
  applyEvent({ type: 'conversationsChanged', conversations: [makeGroup(changes)] });
  applyEvent({
    type: 'logOpened',
    page: { conversationId: GROUP, entries, about: [], first: true, last: true },
  });
  return renderAt(<ChatsPage />, '/chats/80', '/chats/:conversationId?');
}

/** Opens the panel of the group with three members. */
async function openPanel(role: Role): Promise<HTMLElement> {
  show({ role });
  const roles: Readonly<Record<string, GroupRole>> = { [Role.Owner]: 'owner', [Role.Admin]: 'admin' };
  const members = [member(CAROL, 'member'), member(ALICE, roles[role] ?? 'member'), member(BOB, 'admin')];
  const group = {
    id: GROUP,
    name: 'Tea',
    avatar: '',
    description: 'At four.',
    memberCount: 3,
    joinPolicy: 'approval',
    role: roles[role] ?? 'member',
  } as const;
  const requests = [
    { userId: DAVE.userId, askedBy: DAVE.userId, message: 'May I?', createdAt: 0, profile: DAVE },
  ];
  await userEvent.click(screen.getByRole('button', { name: 'About this group' }));
  expect(fakeClient.loadGroup).toHaveBeenCalledWith(GROUP);
  act(() =>
    applyEvent({ type: 'groupLoaded', group, members, requests: role === Role.Admin ? requests : [] }),
  );
  return screen.findByRole('dialog', { name: 'About this group' });
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

  /** G5 */
  it('stands first when it is pinned, apart when it is archived, and nowhere when it is hidden', async () => {
    applyEvent({
      type: 'conversationsChanged',
      conversations: [
        makeConversation('71', 9),
        makeConversation('72', 8, { peerId: CAROL.userId, archived: true }),
        makeConversation('73', 8, { hidden: true }),
        makeConversation(ANNOUNCEMENTS, 1, { type: ConversationType.System, peerId: null }),
        makeConversation('74', 0, { type: ConversationType.System, peerId: null }),
      ],
    });
    show({ pinnedAt: 5, mutedUntil: 9e12 });
    const rows = () => within(list()).getAllByRole('link');
    expect(rows().map((row) => row.getAttribute('href'))).toEqual(['/chats/80', '/chats/71', '/chats/2']);
    expect(rows()[0]).toHaveTextContent('Pinned');
    expect(rows()[0]).toHaveTextContent('Muted');
    expect(rows()[2]).toHaveTextContent('Announcements');
    await userEvent.click(screen.getByText('Archived'));
    expect(rows().map((row) => row.getAttribute('href'))).toEqual(['/chats/72']);
  });

  it.each([
    ['Pin', () => expect(fakeClient.pin).toHaveBeenCalledWith(GROUP, true)],
    ['Mute', () => expect(fakeClient.mute).toHaveBeenCalledWith(GROUP, true)],
    ['Archive', () => expect(fakeClient.archive).toHaveBeenCalledWith(GROUP, true)],
    ['Hide', () => expect(fakeClient.hide).toHaveBeenCalledWith(GROUP, 3)],
  ])('has a menu: %s', async (name, expectCall) => {
    show();
    await userEvent.click(screen.getByRole('button', { name: 'Menu of Tea' }));
    await userEvent.click(await screen.findByRole('menuitem', { name }));
    expectCall();
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
    expect(within(log).getByText('Bob invited you, Carol')).toBeVisible();
    expect(within(log).getByText('Bob')).toBeVisible();
    expect(within(log).getByText('Carol')).toBeVisible();
    expect(screen.getByText('3 members')).toBeVisible();
    act(() =>
      applyEvent({ type: 'typingStarted', conversationId: GROUP, userId: CAROL.userId, at: Date.now() }),
    );
    expect(screen.getByText('Carol is typing…')).toBeVisible();
  });
});

describe('the panel of a group', () => {
  it('lists who is in it by role, and a member may leave', async () => {
    const panel = await openPanel(Role.Member);
    const rows = within(within(panel).getByRole('list', { name: 'Members' })).getAllByRole('listitem');
    expect(rows.map((row) => row.textContent)).toEqual([
      expect.stringContaining('BobAdmin'),
      expect.stringContaining('You'),
      expect.stringContaining('Carol'),
    ]);
    expect(within(panel).getByText('At four.')).toBeInTheDocument();
    expect(within(panel).queryByRole('button', { name: /Actions for/ })).not.toBeInTheDocument();
    await userEvent.click(within(panel).getByRole('button', { name: 'Leave group' }));
    await screen.findAllByText('Leave “Tea”?');
    const [, confirm] = screen.getAllByRole('button', { name: 'Leave group' });
    if (!confirm) throw new Error('nothing to confirm');
    await userEvent.click(confirm);
    expect(fakeClient.leaveGroup).toHaveBeenCalledExactlyOnceWith(GROUP);
  });

  it('lets an admin remove members, and nobody above', async () => {
    const panel = await openPanel(Role.Admin);
    expect(within(panel).queryByRole('button', { name: 'Actions for Bob' })).not.toBeInTheDocument();
    await userEvent.click(within(panel).getByRole('button', { name: 'Actions for Carol' }));
    const items = await screen.findAllByRole('menuitem');
    expect(items.map((item) => item.textContent)).toEqual(['Remove from the group']);
    await userEvent.click(screen.getByRole('menuitem', { name: 'Remove from the group' }));
    expect(fakeClient.removeFromGroup).toHaveBeenCalledExactlyOnceWith(GROUP, CAROL.userId);
  });

  it('lets an admin answer who wants to join, and reads anew when somebody asks', async () => {
    const panel = await openPanel(Role.Admin);
    const asking = within(panel).getByRole('list', { name: 'Requests' });
    expect(asking).toHaveTextContent('May I?');
    await userEvent.click(within(asking).getByRole('button', { name: 'Accept' }));
    expect(fakeClient.answerJoinRequest).toHaveBeenCalledExactlyOnceWith(GROUP, DAVE.userId, true);
    fakeClient.loadGroup.mockClear();
    const asked = { conversationId: GROUP, userId: CAROL.userId, change: JoinChange.Requested };
    act(() => applyEvent({ type: 'joinRequestChanged', ...asked }));
    expect(fakeClient.loadGroup).toHaveBeenCalledExactlyOnceWith(GROUP);
  });

  it('lets the owner give roles', async () => {
    const panel = await openPanel(Role.Owner);
    await userEvent.click(within(panel).getByRole('button', { name: 'Actions for Bob' }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Take admin away' }));
    expect(fakeClient.setGroupRole).toHaveBeenCalledExactlyOnceWith(GROUP, BOB.userId, 'member');
    expect(within(panel).getByRole('button', { name: 'Dissolve group' })).toBeInTheDocument();
  });
});

describe('a new group', () => {
  it('takes a name and friends, and opens', async () => {
    fakeClient.createGroup.mockResolvedValue(GROUP);
    renderAt(<ChatsPage />, '/chats', '/chats/:conversationId?');
    await userEvent.click(screen.getByRole('button', { name: 'New group' }));
    const dialog = await screen.findByRole('dialog', { name: 'New group' });
    const create = within(dialog).getByRole('button', { name: 'Create group' });
    expect(create).toBeDisabled();
    await userEvent.type(within(dialog).getByRole('textbox', { name: 'Group name' }), ' Tea ');
    await userEvent.click(within(dialog).getByRole('checkbox', { name: /Carol/ }));
    expect(within(dialog).getByRole('status')).toHaveTextContent('1 chosen');
    await userEvent.click(create);
    expect(fakeClient.createGroup).toHaveBeenCalledExactlyOnceWith({
      name: 'Tea',
      memberIds: [CAROL.userId],
    });
    await waitFor(() => expect(screen.queryByRole('dialog', { name: 'New group' })).not.toBeInTheDocument());
  });
});
