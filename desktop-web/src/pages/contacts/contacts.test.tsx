import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Code } from '@/protocol/codes';
import { ApiError } from '@/services/api/apiError';
import { applyEvent } from '@/stores/applyEvent';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, ALICE, BOB, CAROL, makeConversation, makeFriend, makeRequest } from '@/test/people';
import { renderAt } from '@/test/render';
import { asConversationId } from '@/types/ids';
import { ContactsPage } from './ContactsPage';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const open = (path: string) => renderAt(<ContactsPage />, path, '/contacts/:friendId?');

beforeEach(() => {
  resetClient();
  applyEvent({ type: 'signedIn', account: ACCOUNT });
  applyEvent({ type: 'localDataLoaded', conversations: [], pending: [] });
  applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB, { online: true })] });
});

/** H3, C1 to C3 */
describe('the contacts page', () => {
  it('shows friends by presence, with their number', () => {
    applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB, { online: true }), makeFriend(CAROL)] });
    open('/contacts');
    expect(screen.getByRole('heading', { name: /^Online\s*1$/ })).toBeVisible();
    expect(screen.getByRole('heading', { name: /^Offline\s*1$/ })).toBeVisible();
  });

  it('finds somebody and asks to be friends', async () => {
    fakeClient.searchUsers.mockResolvedValue([CAROL, BOB, ALICE]);
    open('/contacts/new');
    await userEvent.type(screen.getByRole('searchbox', { name: 'Username or name' }), 'a{Enter}');
    const row = (await screen.findByText('@carol')).closest('li');
    if (!row) throw new Error('no row');
    // Not oneself, and not who is a friend already.
    expect(screen.getAllByRole('button', { name: 'Add' })).toHaveLength(1);
    await userEvent.click(within(row).getByRole('button', { name: 'Add' }));
    expect(fakeClient.requestFriend).toHaveBeenCalledExactlyOnceWith(CAROL.userId, 'Hi, I am Alice.');
    expect(await screen.findByText('Request sent.')).toBeVisible();
  });

  it('says why a request was refused', async () => {
    fakeClient.searchUsers.mockResolvedValue([CAROL]);
    fakeClient.requestFriend.mockRejectedValue(new ApiError(Code.FriendRequestPending, '', 409));
    open('/contacts/new');
    await userEvent.type(screen.getByRole('searchbox', { name: 'Username or name' }), 'carol{Enter}');
    await userEvent.click(await screen.findByRole('button', { name: 'Add' }));
    expect(await screen.findByText('A request is waiting already.')).toBeVisible();
  });

  it('says when nobody was found', async () => {
    open('/contacts/new');
    await userEvent.type(screen.getByRole('searchbox', { name: 'Username or name' }), 'nobody');
    await userEvent.click(screen.getByRole('button', { name: 'Find' }));
    expect(await screen.findByText('Nobody found for “nobody”.')).toBeVisible();
  });

  it('counts open requests and answers them', async () => {
    applyEvent({ type: 'requestsLoaded', received: [makeRequest(CAROL)], sent: [] });
    open('/contacts/new');
    expect(screen.getAllByText('1 open requests').length).toBeGreaterThan(0);
    await userEvent.click(screen.getByRole('button', { name: 'Accept' }));
    expect(fakeClient.acceptRequest).toHaveBeenCalledExactlyOnceWith(makeRequest(CAROL).id);
    await userEvent.click(screen.getByRole('button', { name: 'Decline' }));
    expect(fakeClient.rejectRequest).toHaveBeenCalledOnce();
  });

  it('shows what became of requests', () => {
    applyEvent({
      type: 'requestsLoaded',
      received: [makeRequest(BOB, { status: 'accepted' })],
      sent: [makeRequest(CAROL, { toUserId: CAROL.userId, fromUserId: ALICE.userId })],
    });
    open('/contacts/new');
    expect(screen.getByText('Accepted')).toBeVisible();
    expect(screen.getByText('Waiting')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Accept' })).not.toBeInTheDocument();
  });

  it('opens the chat with a friend, making it if need be', async () => {
    fakeClient.openConversation.mockResolvedValue(asConversationId('77'));
    open('/contacts/2');
    await userEvent.click(screen.getByRole('button', { name: 'Message' }));
    expect(fakeClient.openConversation).toHaveBeenCalledExactlyOnceWith(BOB.userId);
    expect(await screen.findByText('elsewhere')).toBeVisible();
  });

  it('opens a chat that is known without asking the server', async () => {
    applyEvent({ type: 'conversationsChanged', conversations: [makeConversation('70', 1)] });
    open('/contacts/2');
    await userEvent.click(screen.getByRole('button', { name: 'Message' }));
    expect(await screen.findByText('elsewhere')).toBeVisible();
    expect(fakeClient.openConversation).not.toHaveBeenCalled();
  });

  it('changes the remark', async () => {
    open('/contacts/2');
    await userEvent.click(screen.getByRole('button', { name: 'Edit remark' }));
    await userEvent.type(screen.getByLabelText('Remark'), 'Bobby');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect(fakeClient.setRemark).toHaveBeenCalledExactlyOnceWith(BOB.userId, 'Bobby');
    await waitFor(() => expect(screen.queryByLabelText('Remark')).not.toBeInTheDocument());
  });

  it('asks before a friend is removed', async () => {
    open('/contacts/2');
    await userEvent.click(screen.getByRole('button', { name: 'Remove friend' }));
    expect(fakeClient.removeFriend).not.toHaveBeenCalled();
    const dialog = await screen.findByRole('dialog');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Remove friend' }));
    expect(fakeClient.removeFriend).toHaveBeenCalledExactlyOnceWith(BOB.userId);
  });
});
