import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Code, Role } from '@/protocol/codes';
import { applyEvent } from '@/stores/applyEvent';
import { useGroupStore } from '@/stores/groupStore';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { GROUP, makeGroupTalk, makeMember, showGroup, signInForGroups } from '@/test/groups';
import { ALICE, BOB, CAROL, makeFriend, makeProfile } from '@/test/people';
import { renderAt } from '@/test/render';
import type { Group } from '@/types/group';
import { CreateGroupDialog } from './CreateGroupDialog';
import { GroupSettingsDialog } from './GroupSettingsDialog';
import { InviteDialog } from './InviteDialog';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const DAVE = makeProfile('4', 'dave', 'Dave');
const refusal = (code: Code) => Object.assign(new Error(), { code });
const close = vi.fn();

beforeEach(() => {
  resetClient();
  close.mockReset();
  signInForGroups();
  applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB), makeFriend(CAROL)] });
});

/** E1 */
describe('a new group', () => {
  const open = () => {
    renderAt(<CreateGroupDialog onClose={close} />, '/chats', '/chats');
    return screen.findByRole('dialog', { name: 'New group' });
  };

  it('takes a name and friends, and opens', async () => {
    fakeClient.createGroup.mockResolvedValue(GROUP);
    const dialog = await open();
    const create = within(dialog).getByRole('button', { name: 'Create group' });
    expect(create).toBeDisabled();
    await userEvent.type(within(dialog).getByRole('textbox', { name: 'Group name' }), ' Tea ');
    await userEvent.click(within(dialog).getByRole('checkbox', { name: /Carol/ }));
    expect(within(dialog).getByRole('status')).toHaveTextContent('1 chosen');
    await userEvent.click(create);
    const group = { name: 'Tea', memberIds: [CAROL.userId] };
    expect(fakeClient.createGroup).toHaveBeenCalledExactlyOnceWith(group, undefined);
    expect(close).toHaveBeenCalledOnce();
    expect(await screen.findByText('elsewhere')).toBeVisible();
  });

  it('is called like its people when it has no name', async () => {
    fakeClient.createGroup.mockResolvedValue(GROUP);
    const dialog = await open();
    await userEvent.click(within(dialog).getByRole('checkbox', { name: /Bob/ }));
    await userEvent.click(within(dialog).getByRole('checkbox', { name: /Carol/ }));
    expect(within(dialog).getByText('Without a name: Bob, Carol')).toBeVisible();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Create group' }));
    expect(fakeClient.createGroup.mock.calls[0]?.[0].name).toBe('Bob, Carol');
  });

  it('takes who was chosen out again by the chip', async () => {
    const dialog = await open();
    await userEvent.click(within(dialog).getByRole('checkbox', { name: /Bob/ }));
    await userEvent.click(within(dialog).getByRole('button', { name: 'Take Bob out' }));
    expect(within(dialog).getByRole('checkbox', { name: /Bob/ })).not.toBeChecked();
  });

  it('finds friends by name and username', async () => {
    const dialog = await open();
    await userEvent.type(within(dialog).getByRole('searchbox', { name: 'Search friends' }), 'car');
    expect(within(dialog).getAllByRole('checkbox')).toHaveLength(1);
    await userEvent.type(within(dialog).getByRole('searchbox', { name: 'Search friends' }), 'x');
    expect(within(dialog).getByText('No friend is called like that.')).toBeVisible();
  });

  it('says why it is refused, and stays', async () => {
    fakeClient.createGroup.mockRejectedValue(refusal(Code.GroupFull));
    const dialog = await open();
    await userEvent.type(within(dialog).getByRole('textbox', { name: 'Group name' }), 'Tea');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Create group' }));
    expect(await screen.findByText('The group is full.')).toBeVisible();
    expect(close).not.toHaveBeenCalled();
  });
});

describe('inviting', () => {
  const open = () => {
    const members = [makeMember(ALICE), makeMember(BOB)];
    renderAt(<InviteDialog conversation={makeGroupTalk()} members={members} onClose={close} />);
    return screen.findByRole('dialog', { name: 'Invite friends' });
  };

  it('offers friends who are not in the group', async () => {
    fakeClient.inviteToGroup.mockResolvedValue(true);
    const dialog = await open();
    expect(within(dialog).getAllByRole('checkbox')).toHaveLength(1);
    await userEvent.click(within(dialog).getByRole('checkbox', { name: /Carol/ }));
    await userEvent.click(within(dialog).getByRole('button', { name: 'Invite' }));
    expect(fakeClient.inviteToGroup).toHaveBeenCalledExactlyOnceWith(GROUP, [CAROL.userId]);
    expect(await screen.findByText('They are in the group now.')).toBeVisible();
  });

  it('says when the admins are asked', async () => {
    fakeClient.inviteToGroup.mockResolvedValue(false);
    const dialog = await open();
    await userEvent.click(within(dialog).getByRole('checkbox', { name: /Carol/ }));
    await userEvent.click(within(dialog).getByRole('button', { name: 'Invite' }));
    expect(await screen.findByText('The admins are asked.')).toBeVisible();
  });
});

describe('the settings of a group', () => {
  const open = async (role: Role.Admin | Role.Owner, group: Partial<Group> = {}) => {
    showGroup([makeMember(ALICE, 'owner'), makeMember(BOB, 'admin'), makeMember(DAVE)], group);
    const view = useGroupStore.getState().groups[GROUP];
    if (!view) throw new Error('no group');
    const conversation = makeGroupTalk({ role });
    applyEvent({ type: 'conversationsChanged', conversations: [conversation] });
    renderAt(
      <GroupSettingsDialog conversation={conversation} view={view} self={ALICE.userId} onClose={close} />,
      '/chats/80',
      '/chats/80',
    );
    return screen.findByRole('dialog', { name: 'Group settings' });
  };

  it('save a name when it is left', async () => {
    const dialog = await open(Role.Admin);
    const name = within(dialog).getByRole('textbox', { name: 'Group name' });
    await userEvent.clear(name);
    await userEvent.type(name, 'Coffee{Enter}');
    expect(fakeClient.updateGroup).toHaveBeenCalledExactlyOnceWith(GROUP, { name: 'Coffee' });
    expect(await within(dialog).findByText('Saved')).toBeVisible();
  });

  it('say at the field why a name is refused', async () => {
    fakeClient.updateGroup.mockRejectedValue(refusal(Code.GroupNameInvalid));
    const dialog = await open(Role.Admin);
    await userEvent.type(within(dialog).getByRole('textbox', { name: 'Group name' }), '!{Enter}');
    expect(await within(dialog).findByText('Use 1 to 64 characters for the name.')).toBeVisible();
  });

  it('save an announcement when it is left, within its limit', async () => {
    const dialog = await open(Role.Admin, { description: 'At four.' });
    const about = within(dialog).getByRole('textbox', { name: 'Announcement' });
    fireEvent.change(about, { target: { value: '茶'.repeat(342) } });
    fireEvent.blur(about);
    expect(within(dialog).getByText(/At most 1,024 bytes/)).toBeInTheDocument();
    expect(fakeClient.updateGroup).not.toHaveBeenCalled();
    fireEvent.change(about, { target: { value: 'At five.' } });
    fireEvent.blur(about);
    await waitFor(() =>
      expect(fakeClient.updateGroup).toHaveBeenCalledExactlyOnceWith(GROUP, { description: 'At five.' }),
    );
  });

  it('keep an announcement from the Escape that an input method takes', async () => {
    const dialog = await open(Role.Admin, { description: 'At four.' });
    const about = within(dialog).getByRole('textbox', { name: 'Announcement' });
    fireEvent.change(about, { target: { value: '五点 ni' } });
    fireEvent.keyDown(about, { key: 'Escape', isComposing: true });
    expect(about).toHaveValue('五点 ni');
    fireEvent.keyDown(about, { key: 'Escape' });
    expect(about).toHaveValue('At four.');
    expect(close).not.toHaveBeenCalled();
  });

  it.each([
    ['History for newcomers', { historyOpen: true }],
    ['Only admins write', { silenced: true }],
  ])('switch at once: %s', async (label, change) => {
    const dialog = await open(Role.Admin);
    await userEvent.click(within(dialog).getByRole('switch', { name: label }));
    expect(fakeClient.updateGroup).toHaveBeenCalledExactlyOnceWith(GROUP, change);
  });

  it('say who may join', async () => {
    const dialog = await open(Role.Admin);
    expect(within(dialog).getByText('The owner and admins decide on every request.')).toBeInTheDocument();
    await userEvent.click(within(dialog).getByText('Invited'));
    expect(fakeClient.updateGroup).toHaveBeenCalledExactlyOnceWith(GROUP, { joinPolicy: 'invite' });
  });

  it('leave the end of the group to its owner', async () => {
    const dialog = await open(Role.Admin);
    expect(within(dialog).queryByRole('button', { name: 'Dissolve group' })).not.toBeInTheDocument();
    expect(within(dialog).queryByText('Give the group away')).not.toBeInTheDocument();
  });

  it('dissolve once it was said twice', async () => {
    const dialog = await open(Role.Owner);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Dissolve group' }));
    await screen.findAllByText('Dissolve “Tea”?');
    expect(fakeClient.dissolveGroup).not.toHaveBeenCalled();
    const confirm = screen.getAllByRole('button', { name: 'Dissolve group' }).at(-1);
    if (!confirm) throw new Error('nothing to confirm');
    await userEvent.click(confirm);
    expect(fakeClient.dissolveGroup).toHaveBeenCalledExactlyOnceWith(GROUP);
    expect(await screen.findByText('elsewhere')).toBeVisible();
  });

  it('give the group to a member who is chosen by name', async () => {
    await open(Role.Owner);
    await userEvent.click(screen.getByRole('button', { name: 'Choose' }));
    await userEvent.click(await screen.findByRole('radio', { name: /Dave/ }));
    expect(screen.getByRole('radio', { name: /Bob/ })).not.toBeChecked();
    await userEvent.click(screen.getByRole('button', { name: 'Make Dave owner' }));
    expect(fakeClient.transferGroup).toHaveBeenCalledExactlyOnceWith(GROUP, DAVE.userId);
    expect(close).toHaveBeenCalledOnce();
  });
});
