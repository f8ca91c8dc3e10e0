import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Code, EntryType, JoinChange, Role } from '@/protocol/codes';
import { applyEvent } from '@/stores/applyEvent';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { GROUP, makeGroupTalk, makeMember, showGroup, signInForGroups } from '@/test/groups';
import { ALICE, BOB, CAROL, makeFriend, makeProfile } from '@/test/people';
import { renderAt } from '@/test/render';
import { makeEntry } from '@/test/serverFrames';
import type { Conversation } from '@/types/conversation';
import { GroupPanel } from './GroupPanel';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const DAVE = makeProfile('4', 'dave', 'Dave');
const ERIN = makeProfile('5', 'erin', 'Erin');
const PLACE = { inline: true, shown: true, toggle: () => undefined, close: () => undefined };

/** Alice looks: bob and carol are friends, bob is online; dave is a stranger. */
function open(changes: Partial<Conversation> = {}): HTMLElement {
  const conversation = makeGroupTalk({ memberCount: 4, ...changes });
  applyEvent({ type: 'conversationsChanged', conversations: [conversation] });
  renderAt(<GroupPanel conversation={conversation} self={ALICE.userId} place={PLACE} />, '/chats/80');
  return screen.getByRole('complementary', { name: 'About this group' });
}

const FOUR = [makeMember(ALICE), makeMember(BOB, 'admin'), makeMember(CAROL), makeMember(DAVE, 'owner')];

beforeEach(() => {
  resetClient();
  signInForGroups();
  applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB, { online: true }), makeFriend(CAROL)] });
});

/** E1, E2 */
describe('the panel of a group', () => {
  it('lists members by what is known of their presence, those who lead first', () => {
    showGroup(FOUR, { description: 'At four.' });
    const panel = open();
    expect(fakeClient.loadGroup).toHaveBeenCalledExactlyOnceWith(GROUP);
    const rows = within(within(panel).getByRole('list', { name: 'Members' })).getAllByRole('listitem');
    expect(rows.map((row) => row.textContent)).toEqual([
      'Online2',
      expect.stringMatching(/BobAdmin@bob/),
      expect.stringMatching(/AliceYou/),
      'Offline1',
      expect.stringMatching(/Carol@carol/),
      'Other members1',
      expect.stringMatching(/DaveOwner@dave/),
    ]);
    expect(within(panel).getByRole('region', { name: 'Announcement' })).toHaveTextContent('At four.');
    expect(within(panel).getByRole('heading', { name: 'Members 4' })).toBeVisible();
  });

  it('moves a friend who comes online', () => {
    showGroup(FOUR);
    const panel = open();
    act(() => applyEvent({ type: 'presenceChanged', userId: CAROL.userId, online: true, lastSeen: 0 }));
    expect(within(panel).queryByRole('heading', { name: /^Offline/ })).not.toBeInTheDocument();
  });

  it('finds members by name, and says when there is none', async () => {
    showGroup(FOUR);
    const panel = open();
    await userEvent.type(within(panel).getByRole('searchbox', { name: 'Search members' }), 'dav');
    expect(within(panel).getAllByRole('listitem')).toHaveLength(2);
    await userEvent.type(within(panel).getByRole('searchbox', { name: 'Search members' }), 'x');
    expect(within(panel).getByText('Nobody here is called “davx”.')).toBeVisible();
    expect(fakeClient.loadMembers).not.toHaveBeenCalled();
  });

  it('brings all pages of a large group when somebody is searched', async () => {
    showGroup(FOUR, { memberCount: 9_000 }, { nextAfter: '4' });
    const panel = open({ memberCount: 9_000 });
    expect(within(panel).getByText('8997')).toBeVisible();
    await userEvent.type(within(panel).getByRole('searchbox', { name: 'Search members' }), 'e');
    expect(fakeClient.loadMembers).toHaveBeenCalledExactlyOnceWith(GROUP, '4');
    const page = { members: [makeMember(ERIN)], after: '4', nextAfter: '5' };
    act(() => applyEvent({ type: 'membersLoaded', conversationId: GROUP, ...page }));
    expect(fakeClient.loadMembers).toHaveBeenLastCalledWith(GROUP, '5');
    expect(within(panel).getByRole('button', { name: /@erin/ })).toBeVisible();
  });

  it('brings a page again that came before the list began anew, but not twice at once', async () => {
    showGroup(FOUR, {}, { nextAfter: '4' });
    const panel = open();
    await userEvent.type(within(panel).getByRole('searchbox', { name: 'Search members' }), 'e');
    const page = { conversationId: GROUP, members: [], after: '4', nextAfter: null };
    act(() => applyEvent({ type: 'membersLoaded', ...page }));
    expect(fakeClient.loadMembers).toHaveBeenCalledOnce();
    // This time the answer takes its time.
    fakeClient.loadMembers.mockReturnValue(new Promise(() => undefined));
    act(() => showGroup(FOUR, {}, { nextAfter: '4' }));
    expect(fakeClient.loadMembers.mock.calls).toEqual([
      [GROUP, '4'],
      [GROUP, '4'],
    ]);
    act(() => showGroup(FOUR));
    act(() => showGroup(FOUR, {}, { nextAfter: '4' }));
    expect(fakeClient.loadMembers).toHaveBeenCalledTimes(2);
  });

  it('is one stop for Tab, and arrows move in it', async () => {
    showGroup(FOUR);
    const panel = open();
    const rows = within(within(panel).getByRole('list', { name: 'Members' })).getAllByRole('button');
    expect(rows.map(({ tabIndex }) => tabIndex)).toEqual([0, -1, -1]);
    rows[0]?.focus();
    await userEvent.keyboard('{ArrowDown}');
    expect(rows[1]).toHaveFocus();
    await userEvent.keyboard('{End}');
    expect(rows[2]).toHaveFocus();
  });

  it('is read anew when an entry changes who is in it', () => {
    vi.useFakeTimers();
    try {
      showGroup(FOUR);
      open();
      fakeClient.loadGroup.mockClear();
      const removed = JSON.stringify({ change: 'removed', user: DAVE.userId });
      const entry = makeEntry(GROUP, 4, { type: EntryType.Member, text: removed });
      act(() => applyEvent({ type: 'entriesApplied', conversation: makeGroupTalk(), entries: [entry] }));
      expect(screen.queryByText('Dave')).not.toBeInTheDocument();
      act(() => {
        vi.runOnlyPendingTimers();
      });
      expect(fakeClient.loadGroup).toHaveBeenCalledExactlyOnceWith(GROUP);
    } finally {
      vi.useRealTimers();
    }
  });

  it('says to who has left only that', () => {
    const panel = open({ role: Role.None });
    expect(panel).toHaveTextContent('You are no longer a member');
    expect(within(panel).queryByRole('button')).not.toBeInTheDocument();
    expect(fakeClient.loadGroup).not.toHaveBeenCalled();
  });
});

describe('the menu of a member', () => {
  const choose = async (who: RegExp, ...names: string[]) => {
    await userEvent.click(screen.getByRole('button', { name: who }));
    for (const name of names) await userEvent.click(await screen.findByRole('menuitem', { name }));
  };
  const offered = async (who: RegExp) => {
    await userEvent.click(screen.getByRole('button', { name: who }));
    return screen.getAllByRole('menuitem').map((item) => item.textContent);
  };

  it('offers a member what everybody may do', async () => {
    showGroup(FOUR);
    open();
    expect(await offered(/@bob/)).toEqual(['Message']);
    await userEvent.keyboard('{Escape}');
    expect(screen.getByRole('button', { name: /@bob/ })).toHaveFocus();
    expect(await offered(/@dave/)).toEqual(['Add a friend']);
  });

  it('asks a stranger to be friends', async () => {
    showGroup(FOUR);
    open();
    await choose(/@dave/, 'Add a friend');
    expect(fakeClient.requestFriend).toHaveBeenCalledExactlyOnceWith(DAVE.userId, 'Hi, I am Alice.');
  });

  it('lets an admin silence members, and nobody above', async () => {
    showGroup(FOUR);
    open({ role: Role.Admin });
    expect(await offered(/@dave/)).toEqual(['Add a friend']);
    await userEvent.keyboard('{Escape}');
    const before = Date.now();
    await choose(/@carol/, 'Silence', 'For 10 minutes');
    expect(fakeClient.silenceMember).toHaveBeenCalledExactlyOnceWith(GROUP, CAROL.userId, expect.any(Number));
    expect(fakeClient.silenceMember.mock.calls[0]?.[2]).toBeGreaterThanOrEqual(before + 600_000);
  });

  it('gives a voice back that was taken', async () => {
    showGroup([makeMember(ALICE, 'admin'), makeMember(CAROL, 'member', { silencedUntil: 9e15 })]);
    open({ role: Role.Admin });
    expect(screen.getByRole('button', { name: /Silenced/ })).toBeVisible();
    await choose(/Carol/, 'Let speak again');
    expect(fakeClient.silenceMember).toHaveBeenCalledExactlyOnceWith(GROUP, CAROL.userId, 0);
  });

  it('lets the owner give and take roles', async () => {
    showGroup(FOUR);
    open({ role: Role.Owner });
    await choose(/@bob/, 'Take admin away');
    expect(fakeClient.setGroupRole).toHaveBeenCalledExactlyOnceWith(GROUP, BOB.userId, 'member');
  });

  it('asks before somebody is removed, and says why it is refused', async () => {
    showGroup(FOUR);
    fakeClient.removeFromGroup.mockRejectedValue(Object.assign(new Error(), { code: Code.NotPermitted }));
    open({ role: Role.Admin });
    await choose(/@carol/, 'Remove from the group');
    const dialog = await screen.findByRole('dialog', { name: /Remove Carol from “Tea”/ });
    expect(fakeClient.removeFromGroup).not.toHaveBeenCalled();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Remove from the group' }));
    expect(fakeClient.removeFromGroup).toHaveBeenCalledExactlyOnceWith(GROUP, CAROL.userId);
    expect(await screen.findByText('Your role does not permit this.')).toBeVisible();
  });
});

describe('requests to join', () => {
  const asking = {
    userId: ERIN.userId,
    askedBy: ERIN.userId,
    message: 'May I?',
    createdAt: 0,
    profile: ERIN,
  };

  it('are answered by who leads the group', async () => {
    applyEvent({ type: 'profilesLoaded', profiles: [ERIN] });
    showGroup(FOUR, { role: 'admin' }, { requests: [asking] });
    const panel = open({ role: Role.Admin });
    const requests = within(panel).getByRole('region', { name: 'Requests to join' });
    expect(requests).toHaveTextContent('May I?');
    await userEvent.click(within(requests).getByRole('button', { name: 'Accept: Erin' }));
    expect(fakeClient.answerJoinRequest).toHaveBeenCalledExactlyOnceWith(GROUP, ERIN.userId, true);
    await userEvent.click(within(requests).getByRole('button', { name: 'Decline: Erin' }));
    expect(fakeClient.answerJoinRequest).toHaveBeenLastCalledWith(GROUP, ERIN.userId, false);
  });

  it('say who invites somebody whom the admins have to admit', () => {
    applyEvent({ type: 'profilesLoaded', profiles: [ERIN] });
    showGroup(FOUR, { role: 'admin' }, { requests: [{ ...asking, askedBy: BOB.userId }] });
    expect(open({ role: Role.Admin })).toHaveTextContent('Invited by Bob');
  });

  it('are read anew when somebody asks', () => {
    vi.useFakeTimers();
    try {
      open({ role: Role.Admin });
      fakeClient.loadGroup.mockClear();
      const asked = { conversationId: GROUP, userId: ERIN.userId, change: JoinChange.Requested };
      act(() => applyEvent({ type: 'joinRequestChanged', ...asked }));
      act(() => {
        vi.runOnlyPendingTimers();
      });
      expect(fakeClient.loadGroup).toHaveBeenCalledExactlyOnceWith(GROUP);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the menu of a group', () => {
  const openMenu = () => userEvent.click(screen.getByRole('button', { name: 'Group menu' }));

  it('lets a member leave, once it was said twice', async () => {
    showGroup(FOUR);
    open();
    await openMenu();
    expect(screen.queryByRole('menuitem', { name: 'Group settings' })).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole('menuitem', { name: 'Leave group' }));
    const dialog = await screen.findByRole('dialog', { name: 'Leave “Tea”?' });
    expect(fakeClient.leaveGroup).not.toHaveBeenCalled();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Leave group' }));
    expect(fakeClient.leaveGroup).toHaveBeenCalledExactlyOnceWith(GROUP);
  });

  it('copies the link that leads into the group', async () => {
    const user = userEvent.setup();
    showGroup(FOUR);
    open();
    await user.click(screen.getByRole('button', { name: 'Group menu' }));
    await user.click(screen.getByRole('menuitem', { name: 'Copy invite link' }));
    expect(await navigator.clipboard.readText()).toBe(`${location.origin}/join/80`);
    expect(await screen.findByText('Link copied.')).toBeVisible();
  });
});
