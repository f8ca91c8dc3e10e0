import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Code, JoinChange } from '@/protocol/codes';
import { applyEvent } from '@/stores/applyEvent';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { GROUP, makeGroup, makeGroupTalk, signInForGroups } from '@/test/groups';
import { ALICE } from '@/test/people';
import { renderAt } from '@/test/render';
import type { Group } from '@/types/group';
import { JoinPage } from '@/pages/join/JoinPage';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const refusal = (code: Code) => Object.assign(new Error(), { code });

async function open(face: Partial<Group>) {
  fakeClient.groupFace.mockResolvedValue(makeGroup({ role: 'none', memberCount: 12, ...face }));
  renderAt(<JoinPage />, '/join/80', '/join/:groupId');
  await screen.findByRole('heading', { name: 'Tea' });
  expect(screen.getByText('12 members')).toBeVisible();
}

beforeEach(() => {
  resetClient();
  signInForGroups();
});

/** E1 */
describe('the link of a group', () => {
  it('leads into a group that anybody joins', async () => {
    fakeClient.joinGroup.mockResolvedValue(true);
    await open({ joinPolicy: 'free' });
    await userEvent.click(screen.getByRole('button', { name: 'Join' }));
    expect(fakeClient.joinGroup).toHaveBeenCalledExactlyOnceWith(GROUP, '');
    expect(await screen.findByText('elsewhere')).toBeVisible();
  });

  it('asks the admins with a word, waits, and opens when they say yes', async () => {
    fakeClient.joinGroup.mockResolvedValue(false);
    await open({ joinPolicy: 'approval' });
    await userEvent.type(screen.getByRole('textbox'), ' I bring cake ');
    await userEvent.click(screen.getByRole('button', { name: 'Ask to join' }));
    expect(fakeClient.joinGroup).toHaveBeenCalledExactlyOnceWith(GROUP, 'I bring cake');
    expect(await screen.findByRole('status')).toHaveTextContent('Your request is with the admins.');
    act(() => applyEvent({ type: 'conversationsChanged', conversations: [makeGroupTalk()] }));
    await userEvent.click(screen.getByRole('button', { name: 'Open chat' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
  });

  it('says that a request is waiting already, and when it is declined', async () => {
    fakeClient.joinGroup.mockRejectedValue(refusal(Code.JoinRequestPending));
    await open({ joinPolicy: 'approval' });
    await userEvent.click(screen.getByRole('button', { name: 'Ask to join' }));
    expect(await screen.findByRole('status')).toHaveTextContent('Your request is with the admins.');
    const no = { conversationId: GROUP, userId: ALICE.userId, change: JoinChange.Rejected };
    act(() => applyEvent({ type: 'joinRequestChanged', ...no }));
    expect(screen.getByRole('status')).toHaveTextContent('The admins declined your request.');
  });

  it('leads members to their chat', async () => {
    await open({ role: 'member' });
    expect(screen.getByText('You are in this group.')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Open chat' })).toBeVisible();
  });

  it('says when one needs an invitation', async () => {
    await open({ joinPolicy: 'invite' });
    expect(screen.getByText(/One joins this group by invitation/)).toBeVisible();
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
  });

  it('says when the group is full', async () => {
    fakeClient.joinGroup.mockRejectedValue(refusal(Code.GroupFull));
    await open({ joinPolicy: 'free' });
    await userEvent.click(screen.getByRole('button', { name: 'Join' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('The group is full.');
  });

  it.each([
    [Code.GroupDissolved, 'This group was dissolved'],
    [Code.ConversationNotFound, 'There is no such group'],
  ])('says what became of a group that is not there: %i', async (code, words) => {
    fakeClient.groupFace.mockRejectedValue(refusal(code));
    renderAt(<JoinPage />, '/join/80', '/join/:groupId');
    expect(await screen.findByRole('heading', { name: words })).toBeVisible();
  });

  it('can be tried again when the server was not reached', async () => {
    fakeClient.groupFace.mockRejectedValueOnce(refusal(Code.Unavailable));
    fakeClient.groupFace.mockResolvedValue(makeGroup({ role: 'none' }));
    renderAt(<JoinPage />, '/join/80', '/join/:groupId');
    await userEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('heading', { name: 'Tea' })).toBeVisible();
  });
});
