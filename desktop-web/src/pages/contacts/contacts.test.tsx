import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Code, ConversationType, Role } from '@/protocol/codes';
import { ApiError } from '@/services/api/apiError';
import { applyEvent } from '@/stores/applyEvent';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, ALICE, BOB, CAROL, makeConversation, makeFriend, makeRequest } from '@/test/people';
import { renderAt } from '@/test/render';
import { asConversationId } from '@/types/ids';
import { ContactsPage } from './ContactsPage';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const open = (path: string) => renderAt(<ContactsPage />, path, '/contacts/:friendId?');

const show = (visibility: DocumentVisibilityState) => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visibility);
  document.dispatchEvent(new Event('visibilitychange'));
};

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

  it('waits for as long as the server asks before it searches again', async () => {
    fakeClient.searchUsers.mockRejectedValue(new ApiError(Code.RateLimited, '', 429, 600));
    open('/contacts/new');
    await userEvent.type(screen.getByRole('searchbox', { name: 'Username or name' }), 'carol{Enter}');
    expect(await screen.findByRole('button', { name: /^Wait \d+ s$/ })).toBeDisabled();
  });

  it('takes an own request back', async () => {
    const request = makeRequest(CAROL, { toUserId: CAROL.userId, fromUserId: ALICE.userId });
    applyEvent({ type: 'requestsLoaded', received: [], sent: [request] });
    open('/contacts/new');
    await userEvent.click(screen.getByRole('button', { name: 'Take back the request to Carol' }));
    expect(fakeClient.cancelRequest).toHaveBeenCalledExactlyOnceWith(request.id);
  });

  it('shows the groups of the user, and leads to them', async () => {
    applyEvent({
      type: 'conversationsChanged',
      conversations: [
        makeConversation('80', 1, {
          type: ConversationType.Group,
          peerId: null,
          name: 'Tea',
          memberCount: 3,
        }),
        makeConversation('81', 1, {
          type: ConversationType.Group,
          peerId: null,
          name: 'Left',
          role: Role.None,
        }),
      ],
    });
    open('/contacts');
    await userEvent.click(screen.getByRole('tab', { name: 'Groups' }));
    expect(screen.getByRole('link', { name: /Tea.*3 members/ })).toHaveAttribute('href', '/chats/80');
    expect(screen.queryByText('Left')).not.toBeInTheDocument();
  });

  it('says that friends are not here yet when there is no connection', () => {
    applyEvent({ type: 'signedIn', account: ACCOUNT });
    applyEvent({
      type: 'connectionChanged',
      connection: { phase: 'offline', reason: 'unreachable', attempt: 1, retryAt: 0 },
    });
    open('/contacts');
    expect(screen.getByText('Your friends are not here yet')).toBeVisible();
  });

  it('says when a friend was here', () => {
    applyEvent({
      type: 'friendsLoaded',
      friends: [makeFriend(BOB, { lastSeen: Date.now() - 2 * 3_600_000 })],
    });
    open('/contacts');
    expect(screen.getByText('Seen 2 hours ago')).toBeVisible();
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

  it('blocks somebody after asking, and says so', async () => {
    open('/contacts/2');
    await userEvent.click(screen.getByRole('button', { name: 'Block' }));
    expect(fakeClient.block).not.toHaveBeenCalled();
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Block' }));
    expect(fakeClient.block).toHaveBeenCalledExactlyOnceWith(BOB.userId);
  });

  it('shows who is blocked, and unblocks', async () => {
    applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB, { blocked: true })] });
    open('/contacts/2');
    expect(screen.getByText(/You have blocked Bob/)).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Message' })).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Unblock' }));
    expect(fakeClient.unblock).toHaveBeenCalledExactlyOnceWith(BOB.userId);
  });

  it('shows somebody who is no friend, and asks them', async () => {
    fakeClient.loadPerson.mockImplementation(() => {
      applyEvent({ type: 'profilesLoaded', profiles: [CAROL] });
      return Promise.resolve(CAROL);
    });
    open('/contacts/3');
    await userEvent.click(await screen.findByRole('button', { name: 'Add' }));
    expect(fakeClient.requestFriend).toHaveBeenCalledExactlyOnceWith(CAROL.userId, 'Hi, I am Alice.');
    expect(screen.queryByRole('button', { name: 'Remove friend' })).not.toBeInTheDocument();
  });

  it('says when there is no such person', async () => {
    fakeClient.loadPerson.mockRejectedValue(new ApiError(Code.UserNotFound, '', 404));
    open('/contacts/404');
    expect(await screen.findByText('There is no such person')).toBeVisible();
  });
});

/** H3: the server cannot take an answer back, so it is sent when it can no longer be undone. */
describe('an answer to a request', () => {
  const { id } = makeRequest(CAROL);
  const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

  beforeEach(() => {
    vi.useFakeTimers();
    applyEvent({ type: 'requestsLoaded', received: [makeRequest(CAROL)], sent: [] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('shows at once and is sent after five seconds', () => {
    open('/contacts/new');
    expect(screen.getAllByText('1 open request').length).toBeGreaterThan(0);
    press('Accept Carol');
    expect(screen.getByText('Accepted')).toBeVisible();
    expect(fakeClient.acceptRequest).not.toHaveBeenCalled();
    act(() => void vi.advanceTimersByTime(5_000));
    expect(fakeClient.acceptRequest).toHaveBeenCalledExactlyOnceWith(id);
    expect(screen.getByText('Accepted')).toBeVisible();
  });

  it('is never sent when it is undone', () => {
    open('/contacts/new');
    press('Decline Carol');
    act(() => void vi.advanceTimersByTime(1_000));
    press('Undo');
    act(() => void vi.advanceTimersByTime(60_000));
    expect(fakeClient.rejectRequest).not.toHaveBeenCalled();
    expect(screen.getByRole('button', { name: 'Accept Carol' })).toBeVisible();
  });

  it('is sent at once when the page is hidden', () => {
    open('/contacts/new');
    press('Accept Carol');
    act(() => show('hidden'));
    expect(fakeClient.acceptRequest).toHaveBeenCalledExactlyOnceWith(id);
    act(() => void vi.advanceTimersByTime(60_000));
    expect(fakeClient.acceptRequest).toHaveBeenCalledOnce();
  });

  it('is sent at once when the page is closed', () => {
    open('/contacts/new');
    press('Accept Carol');
    act(() => void window.dispatchEvent(new Event('beforeunload')));
    expect(fakeClient.acceptRequest).toHaveBeenCalledExactlyOnceWith(id);
  });

  it('is sent at once when the requests are left', () => {
    const { unmount } = open('/contacts/new');
    press('Decline Carol');
    unmount();
    expect(fakeClient.rejectRequest).toHaveBeenCalledExactlyOnceWith(id);
  });

  it('is open again when the server refused it', async () => {
    fakeClient.acceptRequest.mockRejectedValue(new ApiError(Code.RetryLater, '', 503));
    open('/contacts/new');
    press('Accept Carol');
    await act(() => vi.advanceTimersByTimeAsync(5_000));
    expect(screen.getByRole('button', { name: 'Accept Carol' })).toBeVisible();
  });
});
