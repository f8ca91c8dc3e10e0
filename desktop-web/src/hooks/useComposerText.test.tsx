import { act, renderHook } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { applyEvent } from '@/stores/applyEvent';
import { draftText, useDraftStore } from '@/stores/draftStore';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT } from '@/test/people';
import { asConversationId } from '@/types/ids';
import { useComposerText } from './useComposerText';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const CHAT = asConversationId('70');
const text = () => draftText(useDraftStore.getState(), CHAT);

/** What another tab typed arrives in this one's store. */
const hearOf = (draft: string) =>
  act(() => useDraftStore.setState({ drafts: { [CHAT]: { text: draft, mentions: [], at: Date.now() } } }));

beforeEach(() => {
  resetClient();
  localStorage.clear();
  applyEvent({ type: 'signedIn', account: ACCOUNT });
});

describe('the draft of a chat that is open in two tabs', () => {
  it('shows in both, and the tab in which nothing was typed neither keeps it nor tells it when it goes', () => {
    const { result } = renderHook(() => useComposerText(CHAT, undefined));
    hearOf('written elsewhere');
    expect(result.current.text).toBe('written elsewhere');
    // The other tab has sent it; this one may hear of it late.
    useDraftStore.setState({ drafts: { [CHAT]: { text: '', mentions: [], at: Date.now() } } });
    window.dispatchEvent(new Event('pagehide'));
    expect(text()).toBe('');
    expect(localStorage).toHaveLength(0);
    expect(fakeClient.saveDraft).not.toHaveBeenCalled();
  });

  it('is kept and told by the tab in which it was typed', () => {
    const { result } = renderHook(() => useComposerText(CHAT, undefined));
    act(() => result.current.change('h'));
    act(() => result.current.change('hello'));
    window.dispatchEvent(new Event('pagehide'));
    expect(text()).toBe('hello');
    expect(fakeClient.saveDraft).toHaveBeenCalledExactlyOnceWith(CHAT, 'hello');
  });
});
