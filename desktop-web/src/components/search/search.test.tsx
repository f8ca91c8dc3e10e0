import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useLocation } from 'react-router';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Code, ConversationType } from '@/protocol/codes';
import { ApiError } from '@/services/api/apiError';
import { applyEvent } from '@/stores/applyEvent';
import { useSearchStore } from '@/stores/searchStore';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, BOB, CAROL, GUEST_ACCOUNT, makeConversation, makeFriend, makeProfile } from '@/test/people';
import { renderAt } from '@/test/render';
import { makeEntry } from '@/test/serverFrames';
import type { Entry } from '@/types/entry';
import { asConversationId } from '@/types/ids';
import type { SearchPage } from '@/types/search';
import { useSearchKey } from '@/hooks/useSearchKey';
import { SearchPanel } from './SearchPanel';
import { SearchSteps } from './SearchSteps';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const CHAT = asConversationId('70');
const GROUP = asConversationId('80');
const found = (...messages: readonly Entry[]): SearchPage => ({ messages, next: null, source: 'server' });
const needle = (seq: number, text = `needle ${seq}`) => makeEntry(CHAT, seq, { senderId: BOB.userId, text });
const field = () => screen.getByRole<HTMLInputElement>('searchbox');
/** Key by key, with no pause in which the search could begin however slow the machine is. */
const type = (text: string) => {
  for (const key of text) fireEvent.change(field(), { target: { value: field().value + key } });
};
const hits = () => screen.queryAllByRole('link').map((link) => link.textContent);
const path = () => screen.getByTestId('path').textContent;

function Keys() {
  useSearchKey();
  return <span data-testid="path">{useLocation().pathname}</span>;
}

function show() {
  return renderAt(
    <>
      <SearchPanel selectedId={CHAT} />
      <SearchSteps conversationId={CHAT} />
      <Keys />
    </>,
    '/chats/70',
  );
}

beforeEach(() => {
  resetClient();
  applyEvent({ type: 'signedIn', account: ACCOUNT });
  applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB), makeFriend(CAROL, { remark: 'Sis' })] });
  const group = makeConversation(GROUP, 1, {
    type: ConversationType.Group,
    peerId: null,
    name: 'Needlework',
  });
  applyEvent({ type: 'localDataLoaded', conversations: [makeConversation(CHAT, 9), group], pending: [] });
  fakeClient.searchMessages.mockResolvedValue(found());
});

/** H11 */
describe('the search', () => {
  it('shows groups and people first, then messages, with the words marked', async () => {
    fakeClient.searchMessages.mockResolvedValue(found(needle(5, 'a needle in hay')));
    show();
    type('needle');
    await screen.findByRole('link', { name: /in hay/ });
    expect(screen.getAllByRole('region').map((region) => region.getAttribute('aria-label'))).toEqual([
      'Results',
      'Groups',
      'Messages',
    ]);
    expect(within(screen.getByRole('link', { name: /in hay/ })).getByText('needle').tagName).toBe('MARK');
    expect(fakeClient.searchMessages).toHaveBeenCalledExactlyOnceWith('needle', {});
  });

  it('finds friends by name, remark or username without a server, and others by it only when there are none', async () => {
    fakeClient.searchUsers.mockResolvedValue([makeProfile('9', 'zoe', 'Zoe')]);
    show();
    type('sis');
    expect(screen.getByRole('link', { name: /Sis/ })).toHaveAttribute('href', `/contacts/${CAROL.userId}`);
    expect(fakeClient.searchUsers).not.toHaveBeenCalled();
    await userEvent.clear(field());
    type('zoe');
    expect(await screen.findByRole('link', { name: /Zoe/ })).toBeVisible();
    expect(fakeClient.searchUsers).toHaveBeenCalledExactlyOnceWith('zoe');
  });

  it('leads to a stranger, and to the chat with a former friend', async () => {
    applyEvent({ type: 'friendsLoaded', friends: [] });
    applyEvent({ type: 'profilesLoaded', profiles: [BOB] });
    fakeClient.searchUsers.mockResolvedValue([makeProfile('9', 'zoe', 'Zoe')]);
    show();
    type('zoe');
    expect(await screen.findByRole('link', { name: /Zoe/ })).toHaveAttribute('href', '/contacts/9');
    await userEvent.clear(field());
    type('bob');
    await userEvent.click(screen.getByRole('link', { name: /Bob/ }));
    await waitFor(() => expect(path()).toBe('/chats/70'));
    expect(fakeClient.openConversation).not.toHaveBeenCalled();
  });

  it('asks once for what was typed, and drops the answer to what was typed before', async () => {
    const slow: ((page: SearchPage) => void)[] = [];
    fakeClient.searchMessages.mockImplementation(() => new Promise((resolve) => slow.push(resolve)));
    const answer = (index: number, page: SearchPage) => Promise.resolve(slow[index]?.(page));
    show();
    type('need');
    await waitFor(() => expect(slow).toHaveLength(1));
    type('le');
    await waitFor(() => expect(slow).toHaveLength(2));
    await act(() => answer(1, found(needle(2, 'needle, the answer'))));
    await act(() => answer(0, found(needle(1, 'need, too late'))));
    expect(hits().join()).toContain('the answer');
    expect(hits().join()).not.toContain('too late');
  });

  it('gets the next page by its cursor', async () => {
    fakeClient.searchMessages.mockResolvedValueOnce({ ...found(needle(5)), next: 'c1' });
    fakeClient.searchMessages.mockResolvedValueOnce(found(needle(3)));
    show();
    type('needle');
    await userEvent.click(await screen.findByRole('button', { name: 'Show more' }));
    expect(await screen.findByRole('link', { name: /needle 3/ })).toBeVisible();
    expect(fakeClient.searchMessages).toHaveBeenLastCalledWith('needle', { before: 'c1' });
    expect(screen.queryByRole('button', { name: 'Show more' })).not.toBeInTheDocument();
  });

  it('says that only this device was searched', async () => {
    fakeClient.searchMessages.mockResolvedValue({ ...found(needle(5)), source: 'device' });
    show();
    type('needle');
    expect(await screen.findByText('Offline: only messages on this device are searched.')).toBeVisible();
  });

  it('says what was searched when nothing is found, and offers the rest', async () => {
    act(() => useSearchStore.getState().open(CHAT));
    show();
    type('zzz');
    expect(await screen.findByText('Nothing found for “zzz”')).toBeVisible();
    expect(fakeClient.searchMessages).toHaveBeenLastCalledWith('zzz', { conversationId: CHAT });
    await userEvent.click(screen.getByRole('button', { name: 'Search everywhere' }));
    await waitFor(() => expect(fakeClient.searchMessages).toHaveBeenLastCalledWith('zzz', {}));
    expect(screen.getByRole('tab', { name: 'Everywhere', selected: true })).toBeVisible();
    await userEvent.click(screen.getByRole('tab', { name: 'In Bob' }));
    await waitFor(() =>
      expect(fakeClient.searchMessages).toHaveBeenLastCalledWith('zzz', { conversationId: CHAT }),
    );
  });

  it('says why it is refused', async () => {
    fakeClient.searchMessages.mockRejectedValue(new ApiError(Code.RateLimited, 'slow down', 429));
    show();
    type('zzz');
    expect(await screen.findByText('Too many attempts. Wait a moment.')).toBeVisible();
  });

  it('is gone through by arrows, and left by Escape', async () => {
    fakeClient.searchMessages.mockResolvedValue(found(needle(5)));
    act(() => useSearchStore.getState().open(null));
    show();
    type('needle');
    await screen.findByRole('link', { name: /needle 5/ });
    fireEvent.keyDown(field(), { key: 'ArrowDown' });
    expect(screen.getByRole('link', { name: /Needlework/ })).toHaveFocus();
    fireEvent.keyDown(document.activeElement ?? field(), { key: 'ArrowUp' });
    expect(field()).toHaveFocus();
    fireEvent.keyDown(field(), { key: 'Escape' });
    expect(useSearchStore.getState().isOpen).toBe(false);
  });

  it('is left by Escape from the chat too, after what is open there', () => {
    act(() => useSearchStore.getState().open(null));
    show();
    const inner = (event: Event) => event.preventDefault();
    document.body.addEventListener('keydown', inner);
    fireEvent.keyDown(document.body, { key: 'Escape' });
    expect(useSearchStore.getState().isOpen).toBe(true);
    document.body.removeEventListener('keydown', inner);
    fireEvent.keyDown(document.body, { key: 'Escape' });
    expect(useSearchStore.getState().isOpen).toBe(false);
  });
});

/** H11 */
describe('a found message', () => {
  it('leads to its place in the log, and from there to the ones beside it', async () => {
    fakeClient.searchMessages.mockResolvedValue(found(needle(7), needle(5), needle(3)));
    show();
    type('needle');
    await userEvent.click(await screen.findByRole('link', { name: /needle 5/ }));
    expect(path()).toBe('/chats/70/5');
    expect(useSearchStore.getState().tour).toMatchObject({ index: 1, words: ['needle'] });
  });

  it('is counted in the chat, until the results are left', async () => {
    act(() =>
      useSearchStore.getState().startTour({ hits: [needle(7), needle(5)], index: 0, words: ['needle'] }),
    );
    renderAt(
      <>
        <SearchSteps conversationId={CHAT} />
        <Keys />
      </>,
      '/chats/70/7',
      '/chats/:conversationId/:seq',
    );
    expect(screen.getByRole('group', { name: 'Found messages' })).toHaveTextContent('1 of 2');
    expect(screen.getByRole('button', { name: 'Previous result' })).toBeDisabled();
    await userEvent.click(screen.getByRole('button', { name: 'Next result' }));
    expect(path()).toBe('/chats/70/5');
    expect(screen.getByRole('group', { name: 'Found messages' })).toHaveTextContent('2 of 2');
    await userEvent.click(screen.getByRole('button', { name: 'Leave the results' }));
    expect(screen.queryByRole('group', { name: 'Found messages' })).not.toBeInTheDocument();
  });
});

describe('its key', () => {
  it('opens the search from every page, and not for guests', () => {
    renderAt(<Keys />, '/contacts');
    fireEvent.keyDown(document.body, { key: 'k', metaKey: true });
    expect(useSearchStore.getState().isOpen).toBe(true);
    act(() => applyEvent({ type: 'signedIn', account: GUEST_ACCOUNT }));
    fireEvent.keyDown(document.body, { key: 'k', ctrlKey: true });
    expect(useSearchStore.getState().isOpen).toBe(false);
  });
});
