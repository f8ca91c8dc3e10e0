import '@/test/sizes';
import { act, render, screen, within } from '@testing-library/react';
import { Feedback } from '@/components/feedback/Feedback';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { routes } from '@/pages/routes';
import { ConversationType } from '@/protocol/codes';
import { applyEvent } from '@/stores/applyEvent';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, ALICE, BOB, CAROL, GUEST_ACCOUNT, makeConversation, makeWorld } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import { WORLD_CONVERSATION } from '@/types/ids';

vi.mock('@/services/client', () => ({ client: fakeClient }));

/** The whole page at an address, with its routes. `address` gives where it is. */
function openApp(path: string) {
  const router = createMemoryRouter(routes, { initialEntries: [path] });
  render(
    <>
      <RouterProvider router={router} />
      <Feedback />
    </>,
  );
  return { router, address: () => router.state.location.pathname };
}

/** Bob twice, then carol, then alice. */
function showWorld() {
  const senders = [BOB, BOB, CAROL, ALICE];
  const entries = senders.map(({ userId }, index) =>
    makeEntry(WORLD_CONVERSATION, index + 1, { senderId: userId }),
  );
  applyEvent({ type: 'conversationsChanged', conversations: [makeWorld(entries.length)] });
  applyEvent({
    type: 'logOpened',
    page: { conversationId: WORLD_CONVERSATION, entries, about: [], first: true, last: true },
  });
}

function signIn(account = ACCOUNT) {
  applyEvent({ type: 'signedIn', account });
  applyEvent({ type: 'localDataLoaded', conversations: [], pending: [] });
}

// The chunks of the pages are here before a test waits for what they show.
beforeAll(() =>
  Promise.all([
    import('@/pages/Shell'),
    import('@/pages/auth/GuestPage'),
    import('@/pages/auth/RegisterPage'),
    import('@/pages/chats/ChatsPage'),
    import('@/pages/contacts/ContactsPage'),
    import('./WorldPage'),
  ]),
);

beforeEach(() => {
  resetClient();
});

/** E3, H11 */
describe('the world page', () => {
  it('shows the name of the sender over each group, and a placeholder until it is known', async () => {
    signIn();
    showWorld();
    applyEvent({ type: 'profilesLoaded', profiles: [BOB] });
    openApp('/world');
    const log = await screen.findByRole('log', { name: 'Messages' });
    expect(within(log).getAllByText('Bob')).toHaveLength(1);
    expect(within(log).getByText('Someone')).toBeVisible();
    act(() => applyEvent({ type: 'profilesLoaded', profiles: [CAROL] }));
    expect(within(log).getByText('Carol')).toBeVisible();
    expect(within(log).queryByText('Alice')).not.toBeInTheDocument();
  });

  it('opens its log once it is known', async () => {
    signIn();
    openApp('/world');
    await screen.findByRole('heading', { name: 'World chat' });
    expect(fakeClient.openLog).not.toHaveBeenCalled();
    act(() => applyEvent({ type: 'conversationsChanged', conversations: [makeWorld(0)] }));
    expect(fakeClient.openLog).toHaveBeenCalledExactlyOnceWith(WORLD_CONVERSATION);
  });

  it('is waited for, and says when it cannot be had', async () => {
    signIn();
    openApp('/world');
    expect(await screen.findByRole('status', { name: 'Loading messages' })).toBeVisible();
    const connection = { phase: 'offline', reason: 'unreachable', attempt: 1, retryAt: 0 } as const;
    act(() => applyEvent({ type: 'connectionChanged', connection }));
    expect(screen.getByText('Messages could not be loaded')).toBeVisible();
    act(() => screen.getByRole('button', { name: 'Try again' }).click());
    expect(fakeClient.retryNow).toHaveBeenCalledExactlyOnceWith();
  });

  /** [S12] */
  it('is followed while it is open', async () => {
    signIn();
    const { router, address } = openApp('/world');
    await screen.findByRole('heading', { name: 'World chat' });
    expect(fakeClient.follow).toHaveBeenCalledExactlyOnceWith(WORLD_CONVERSATION);
    await act(() => router.navigate('/chats'));
    await screen.findByRole('heading', { name: 'Chats' });
    expect(address()).toBe('/chats');
    expect(fakeClient.unfollow).toHaveBeenCalledExactlyOnceWith(WORLD_CONVERSATION);
  });

  /** [M9] */
  it('says when one may write again after too much at once', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
    try {
      signIn();
      showWorld();
      openApp('/world');
      await screen.findByRole('log', { name: 'Messages' });
      const until = Date.now() + 3_000;
      act(() => applyEvent({ type: 'sendingPaused', conversationId: WORLD_CONVERSATION, until }));
      expect(screen.getByText(/What waits goes out in [34] s\./)).toBeVisible();
      act(() => {
        vi.advanceTimersByTime(4_000);
      });
      expect(screen.queryByText(/What waits goes out/)).not.toBeInTheDocument();
    } finally {
      vi.useRealTimers();
    }
  });

  it('is not in the list of chats', async () => {
    signIn();
    applyEvent({
      type: 'conversationsChanged',
      conversations: [makeWorld(3), makeConversation('70', 1, { unread: 0 })],
    });
    openApp('/chats');
    const list = await screen.findByRole('region', { name: 'Conversations' });
    expect(within(list).getAllByRole('link')).toHaveLength(1);
  });

  it('has an address of its own in place of that of a chat', async () => {
    signIn();
    const { address } = openApp('/chats/1');
    await screen.findByRole('heading', { name: 'World chat' });
    expect(address()).toBe('/world');
  });
});

/** H1, B11 */
describe('a guest', () => {
  it.each(['/', '/chats', '/chats/70', '/contacts/new', '/guest'])(
    'at %s is led to the world',
    async (path) => {
      signIn(GUEST_ACCOUNT);
      const { address } = openApp(path);
      await screen.findByRole('heading', { name: 'World chat' });
      expect(address()).toBe('/world');
    },
  );

  it('sees the world, the connection and settings in the navigation', async () => {
    signIn(GUEST_ACCOUNT);
    openApp('/world');
    const navigation = await screen.findByRole('navigation', { name: 'Main navigation' });
    const addresses = within(navigation)
      .getAllByRole('link')
      .map((link) => link.getAttribute('href'));
    expect(addresses).toEqual(['/world', '/connection', '/settings']);
  });

  it('is not called to what a guest cannot open', async () => {
    signIn(GUEST_ACCOUNT);
    applyEvent({
      type: 'conversationsChanged',
      conversations: [makeConversation('2', 3, { type: ConversationType.System, peerId: null, unread: 3 })],
    });
    openApp('/world');
    await screen.findByRole('heading', { name: 'World chat' });
    expect(document.title).toBe('im-rs');
  });

  it('is told what guests may do, with a way to register', async () => {
    signIn(GUEST_ACCOUNT);
    const { address } = openApp('/world');
    expect(await screen.findByText(/private chats need an account/)).toBeVisible();
    act(() => screen.getByRole('link', { name: 'Register' }).click());
    await screen.findByRole('heading', { name: 'Create your account' });
    expect(address()).toBe('/register');
  });

  it('is not who signs in with an account', async () => {
    signIn();
    openApp('/world');
    const navigation = await screen.findByRole('navigation', { name: 'Main navigation' });
    expect(within(navigation).getAllByRole('link')).toHaveLength(5);
    expect(screen.queryByText(/private chats need an account/)).not.toBeInTheDocument();
  });
});
