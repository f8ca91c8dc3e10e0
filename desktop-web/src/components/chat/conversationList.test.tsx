import { act, fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Profiler } from 'react';
import { useLocation, useParams } from 'react-router';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ConversationType, EntryType } from '@/protocol/codes';
import { applyEvent } from '@/stores/applyEvent';
import { useDraftStore } from '@/stores/draftStore';
import { useSearchStore } from '@/stores/searchStore';
import { eventually } from '@/test/eventually';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, ALICE, BOB, CAROL, makeConversation, makeFriend } from '@/test/people';
import { renderAt } from '@/test/render';
import { makeEntry } from '@/test/serverFrames';
import type { Conversation } from '@/types/conversation';
import { asConversationId } from '@/types/ids';
import { FOR_EVER } from '@/constants/mutes';
import { ConversationList } from './ConversationList';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const CHAT = asConversationId('70');
const OTHER = asConversationId('71');
const GROUP = asConversationId('80');

const list = () => screen.getByRole('region', { name: 'Conversations' });
const rows = () => within(list()).queryAllByRole('link');
const row = (name: RegExp) => within(list()).getByRole('link', { name });
const show = (selectedId?: string) =>
  renderAt(<ConversationList selectedId={selectedId} />, selectedId ? `/chats/${selectedId}` : '/chats');
const tell = (...conversations: readonly Conversation[]) =>
  applyEvent({ type: 'conversationsChanged', conversations });

const bob = (changes: Partial<Conversation> = {}) =>
  makeConversation(CHAT, 1, { unread: 0, activity: 3_000, ...changes });
const carol = (changes: Partial<Conversation> = {}) =>
  makeConversation(OTHER, 2, { peerId: CAROL.userId, unread: 0, activity: 2_000, ...changes });
const tea = (changes: Partial<Conversation> = {}) =>
  makeConversation(GROUP, 1, {
    type: ConversationType.Group,
    peerId: null,
    name: 'Tea',
    last: makeEntry(GROUP, 1, { senderId: ALICE.userId }),
    unread: 0,
    activity: 1_000,
    ...changes,
  });

beforeEach(() => {
  resetClient();
  localStorage.clear();
  applyEvent({ type: 'signedIn', account: ACCOUNT });
  applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB, { online: true }), makeFriend(CAROL)] });
  applyEvent({ type: 'localDataLoaded', conversations: [], pending: [] });
});

/** H4, G1 */
describe('the list of chats', () => {
  it('shows names, previews and unread counts, newest activity first', () => {
    tell(bob(), carol({ unread: 120, activity: 4_000 }));
    show();
    expect(rows()[0]).toHaveTextContent('Carol');
    expect(rows()[0]).toHaveTextContent('message 2');
    expect(rows()[0]).toHaveTextContent('99+');
    expect(rows()[0]).toHaveTextContent('120 unread');
    expect(rows()[1]).toHaveTextContent('Bob');
    expect(rows()[1]).toHaveTextContent('online');
  });

  it('shows the remark in place of the name', () => {
    applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB, { remark: 'Bobby' })] });
    tell(bob());
    show();
    expect(row(/Bobby/)).toBeVisible();
  });

  it('has parts, and keeps the chosen one among the unread while it is read', async () => {
    tell(bob(), carol({ unread: 1 }), tea({ archived: true }));
    show(CHAT);
    await userEvent.click(screen.getByRole('tab', { name: 'Unread' }));
    expect(rows().map((one) => one.textContent)).toEqual([
      expect.stringContaining('Bob'),
      expect.stringContaining('Carol'),
    ]);
    await userEvent.click(screen.getByRole('tab', { name: 'Groups' }));
    expect(rows()).toEqual([]);
    expect(screen.getByText('No groups yet.')).toBeVisible();
    fireEvent.keyDown(screen.getByRole('tab', { name: 'Groups' }), { key: 'ArrowLeft' });
    expect(screen.getByRole('tab', { name: 'Private' })).toHaveFocus();
    expect(rows()).toHaveLength(2);
  });

  it('has its archive behind the menu', async () => {
    tell(bob(), tea({ archived: true }));
    show();
    expect(rows()).toHaveLength(1);
    await userEvent.click(screen.getByRole('button', { name: 'More' }));
    await userEvent.click(screen.getByRole('menuitem', { name: 'Archived chats' }));
    expect(screen.getByRole('heading', { name: 'Archived chats' })).toBeVisible();
    expect(row(/Tea/)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Back' }));
    expect(row(/Bob/)).toBeVisible();
  });

  it('says what to do when there is none, and shows eight places while it loads', () => {
    const { unmount } = show();
    expect(screen.getByText('No chats yet')).toBeVisible();
    unmount();
    applyEvent({ type: 'signedIn', account: ACCOUNT });
    show();
    expect(screen.getByRole('status', { name: 'Loading chats' }).children).toHaveLength(8);
  });

  it('leads to the search', async () => {
    show();
    await userEvent.click(screen.getByRole('button', { name: /Search messages and people/ }));
    expect(useSearchStore.getState()).toMatchObject({ isOpen: true, scope: null });
  });
});

describe('a row', () => {
  it('begins with what weighs most: a draft, a mention, who wrote', () => {
    const last = makeEntry(GROUP, 1, { senderId: BOB.userId, text: 'come' });
    tell(tea({ last, unread: 1 }));
    show();
    expect(row(/Tea/)).toHaveTextContent('Bob: come');
    act(() => tell(tea({ last, unread: 1, mentions: 1 })));
    expect(row(/Tea/)).toHaveTextContent('[@ you] Bob: come');
    expect(row(/Tea/)).toHaveTextContent('1 mention of you');
    act(() => useDraftStore.getState().setDraft(GROUP, 'later'));
    expect(row(/Tea/)).toHaveTextContent('[Draft] later');
  });

  it('shows how far the own last message got, and the pin where there is neither mark nor badge', () => {
    tell(
      bob({ last: makeEntry(CHAT, 1, { senderId: ALICE.userId }), peerReadSeq: 1 }),
      carol({ pinnedAt: 5, last: makeEntry(OTHER, 2, { senderId: CAROL.userId }) }),
    );
    show();
    expect(within(row(/Bob/)).getByRole('img', { name: 'read' })).toBeVisible();
    const signs = () => row(/Carol/).querySelectorAll('svg').length;
    expect(row(/Carol/)).toHaveTextContent('Pinned');
    expect(signs()).toBe(1);
    expect(rows()[0]).toHaveTextContent('Carol');
    act(() => tell(carol({ pinnedAt: 5, unread: 2 })));
    expect(row(/Carol/)).toHaveTextContent('Pinned');
    expect(signs()).toBe(0);
    expect(row(/Carol/)).toHaveTextContent('2 unread');
  });

  it('that is muted has a quiet badge', () => {
    tell(bob({ unread: 3, mutedUntil: Date.now() + 60_000 }));
    show();
    expect(row(/Bob/)).toHaveTextContent('Muted');
    expect(screen.getByText('3').parentElement).toHaveClass('quiet');
  });

  it('says that a message was taken back', () => {
    tell(bob({ last: makeEntry(CHAT, 1, { type: EntryType.Recall, targetSeq: 1, text: '' }) }));
    show();
    expect(row(/Bob/)).toHaveTextContent('Bob took a message back');
  });
});

describe('the times', () => {
  it('are told anew when a day ends', () => {
    vi.useFakeTimers({ now: new Date(2026, 0, 5, 23, 59, 30) });
    const createdAt = new Date(2026, 0, 5, 12, 0).getTime();
    tell(bob({ last: makeEntry(CHAT, 1, { createdAt }) }));
    show();
    expect(row(/Bob/)).toHaveTextContent('12:00');
    act(() => {
      vi.advanceTimersByTime(60_000);
    });
    expect(row(/Bob/)).toHaveTextContent('Yesterday');
    vi.useRealTimers();
  });
});

describe('the menu of a row', () => {
  beforeEach(() => tell(bob({ unread: 1 }), carol()));
  const open = (name: RegExp) => fireEvent.contextMenu(row(name), { clientX: 10, clientY: 10 });
  const choose = (name: string) => userEvent.click(screen.getByRole('menuitem', { name }));

  it('marks read, pins, archives and hides', async () => {
    show();
    open(/Bob/);
    await choose('Mark as read');
    expect(fakeClient.markRead).toHaveBeenCalledExactlyOnceWith(CHAT);
    open(/Bob/);
    await choose('Pin');
    expect(fakeClient.pin).toHaveBeenCalledExactlyOnceWith(CHAT, true);
    open(/Bob/);
    await choose('Archive');
    expect(fakeClient.archive).toHaveBeenCalledExactlyOnceWith(CHAT, true);
    open(/Bob/);
    await choose('Hide');
    expect(fakeClient.hide).toHaveBeenCalledExactlyOnceWith(CHAT, 1);
    open(/Carol/);
    expect(screen.queryByRole('menuitem', { name: 'Mark as read' })).not.toBeInTheDocument();
  });

  it('mutes for a time or for good, and takes it back', async () => {
    const { unmount } = show();
    open(/Bob/);
    await choose('Mute');
    expect(screen.getAllByRole('menuitem').map((item) => item.textContent)).toEqual([
      'For 1 hour',
      'For 8 hours',
      'For a week',
      'Until I turn it on again',
    ]);
    const before = Date.now();
    await choose('For 1 hour');
    const [, until] = fakeClient.mute.mock.lastCall ?? [];
    expect(until).toBeGreaterThanOrEqual(before + 3_600_000);
    open(/Bob/);
    await choose('Mute');
    await choose('Until I turn it on again');
    expect(fakeClient.mute).toHaveBeenLastCalledWith(CHAT, FOR_EVER);
    unmount();
    tell(bob({ mutedUntil: FOR_EVER }));
    show();
    open(/Bob/);
    await choose('Unmute');
    expect(fakeClient.mute).toHaveBeenLastCalledWith(CHAT, 0);
  });

  it('gives the focus back to its row, and to the next one when the row goes', () => {
    show();
    row(/Bob/).focus();
    open(/Bob/);
    expect(screen.getAllByRole('menuitem')[0]).toHaveFocus();
    fireEvent.keyDown(screen.getByRole('menu'), { key: 'Escape' });
    expect(row(/Bob/)).toHaveFocus();
    act(() => tell(bob({ hidden: true })));
    expect(row(/Carol/)).toHaveFocus();
  });

  it('is at the button of the row too', async () => {
    show();
    await userEvent.click(screen.getByRole('button', { name: 'Menu of Bob' }));
    expect(screen.getByRole('menuitem', { name: 'Mark as read' })).toHaveFocus();
  });
});

/** H13 */
describe('the keyboard', () => {
  beforeEach(() => tell(bob(), carol(), tea({ unread: 1 })));

  it('moves between the rows, which are one stop', () => {
    show(OTHER);
    expect(rows().filter((one) => one.tabIndex === 0)).toEqual([row(/Carol/)]);
    row(/Carol/).focus();
    fireEvent.keyDown(row(/Carol/), { key: 'ArrowDown' });
    expect(row(/Tea/)).toHaveFocus();
    fireEvent.keyDown(row(/Tea/), { key: 'Home' });
    expect(row(/Bob/)).toHaveFocus();
    fireEvent.keyDown(row(/Bob/), { key: 'End' });
    expect(row(/Tea/)).toHaveFocus();
    expect(rows().filter((one) => one.tabIndex === 0)).toEqual([row(/Tea/)]);
  });

  it('keeps its place when what comes in live moves the rows', () => {
    show();
    row(/Bob/).focus();
    act(() => tell(tea({ activity: 9_000, unread: 2 })));
    expect(rows()[0]).toHaveTextContent('Tea');
    expect(row(/Bob/)).toHaveFocus();
  });

  it.each([
    ['Alt and the arrow down the next chat', { key: 'ArrowDown', altKey: true }, CHAT, OTHER],
    ['Alt and the arrow up the one before', { key: 'ArrowUp', altKey: true }, OTHER, CHAT],
    [
      'Alt, Shift and the arrow down the next unread',
      { key: 'ArrowDown', altKey: true, shiftKey: true },
      CHAT,
      GROUP,
    ],
  ])('opens by %s', (_, key, from, to) => {
    renderAt(
      <>
        <ConversationList selectedId={from} />
        <Where />
      </>,
      `/chats/${from}`,
    );
    fireEvent.keyDown(document.body, key);
    expect(screen.getByTestId('path')).toHaveTextContent(`/chats/${to}`);
  });
});

/** H13 */
describe('a chat that keys open', () => {
  const openBelow = (count: number) => {
    const conversations = Array.from({ length: count }, (_, index) =>
      makeConversation(String(1_000 + index), 1, { activity: count - index, unread: 0 }),
    );
    tell(...conversations);
    renderAt(<Chosen />, '/chats/1000', '/chats/:id');
    fireEvent.keyDown(document.body, { key: 'ArrowDown', altKey: true });
  };

  it('comes into sight', () => {
    const scrolled = vi.fn();
    Element.prototype.scrollIntoView = function () {
      scrolled(this);
    };
    openBelow(20);
    expect(scrolled).toHaveBeenCalledExactlyOnceWith(list().querySelector('[data-chat="1001"] > a'));
    act(() => tell(makeConversation('1019', 1, { activity: 1_000, unread: 0 })));
    expect(scrolled).toHaveBeenCalledOnce();
    Reflect.deleteProperty(Element.prototype, 'scrollIntoView');
  });

  it('comes into sight among many', async () => {
    const scrolled = vi.spyOn(Element.prototype, 'scrollTo');
    openBelow(300);
    await eventually(() => expect(scrolled).toHaveBeenCalled());
    scrolled.mockRestore();
  });
});

/** Typing must not render the list: 50 conversations are enough to see it. */
describe('the rows', () => {
  it('are not rendered by what does not concern them', () => {
    const conversations = Array.from({ length: 50 }, (_, index) =>
      makeConversation(String(1_000 + index), 1, { activity: index, unread: 0 }),
    );
    tell(...conversations);
    const rendered = vi.fn();
    renderAt(
      <Profiler id="list" onRender={rendered}>
        <ConversationList selectedId="1001" />
      </Profiler>,
      '/chats/1001',
    );
    rendered.mockClear();
    act(() => useDraftStore.getState().setDraft(asConversationId('1001'), 'typing here'));
    expect(rendered).not.toHaveBeenCalled();
  });

  it('are drawn in sight only when there are many', () => {
    const conversations = Array.from({ length: 300 }, (_, index) =>
      makeConversation(String(1_000 + index), 1, { activity: index }),
    );
    tell(...conversations);
    show();
    expect(rows().length).toBeLessThan(100);
  });
});

function Chosen() {
  const { id } = useParams();
  return <ConversationList selectedId={id} />;
}

function Where() {
  return <span data-testid="path">{useLocation().pathname}</span>;
}
