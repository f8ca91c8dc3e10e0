import { beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, BOB, makeConversation } from '@/test/people';
import { asConversationId } from '@/types/ids';
import { applyEvent } from './applyEvent';
import { draftText, useDraftStore } from './draftStore';

const CHAT = asConversationId('70');
const text = () => draftText(useDraftStore.getState(), CHAT);
const type = (words: string) => useDraftStore.getState().setDraft(CHAT, words);
const tell = (draft: string, draftAt: number) =>
  applyEvent({
    type: 'conversationsChanged',
    conversations: [makeConversation(CHAT, 1, { draft, draftAt })],
  });
const load = () => applyEvent({ type: 'signedIn', account: ACCOUNT });

beforeEach(() => {
  localStorage.clear();
  load();
});

/** H5 */
describe('a draft', () => {
  it('outlives a reload, with whom it calls', () => {
    const mentions = [{ userId: BOB.userId, label: 'Bob' }];
    useDraftStore.getState().setDraft(CHAT, 'hi @Bob', mentions);
    load();
    expect(useDraftStore.getState().drafts[CHAT]).toMatchObject({ text: 'hi @Bob', mentions });
  });

  it('is that of another device where nothing was typed here', () => {
    tell('from the phone', 5);
    expect(text()).toBe('from the phone');
    tell('and more', 6);
    expect(text()).toBe('and more');
    tell('late', 4);
    expect(text()).toBe('and more');
  });

  it('is not touched while something was typed here that the server does not know', () => {
    type('mine');
    tell('theirs', Date.now() + 10_000);
    expect(text()).toBe('mine');
  });

  it('that the server has from here follows another device again', () => {
    type('mine');
    tell('mine', 5);
    tell('mine, and more on the phone', 6);
    expect(text()).toBe('mine, and more on the phone');
  });

  it('that was sent does not come back from the server', () => {
    tell('to be sent', 5);
    type('');
    load();
    tell('to be sent', 5);
    expect(text()).toBe('');
  });

  it('of another tab is taken over', () => {
    const draft = JSON.stringify({ text: 'from the other tab', mentions: [], at: 1 });
    window.dispatchEvent(
      new StorageEvent('storage', { key: `im-rs.draft.${ACCOUNT.userId}.${CHAT}`, newValue: draft }),
    );
    expect(text()).toBe('from the other tab');
  });

  it('of another user is not shown, and none is left after signing out', () => {
    type('secret');
    applyEvent({ type: 'signedIn', account: { ...ACCOUNT, userId: BOB.userId, profile: BOB } });
    expect(text()).toBe('');
    load();
    expect(text()).toBe('secret');
    applyEvent({ type: 'signedOut', chosen: true });
    load();
    expect(text()).toBe('');
  });

  /** What the dialog of an expired sign-in promises. */
  it('is there for the same user, and nobody else, when the sign-in had to be done anew', () => {
    type('unfinished');
    applyEvent({ type: 'signedOut' });
    expect(text()).toBe('');
    applyEvent({ type: 'signedIn', account: { ...ACCOUNT, userId: BOB.userId, profile: BOB } });
    expect(text()).toBe('');
    applyEvent({ type: 'signedOut', chosen: true });
    load();
    expect(text()).toBe('unfinished');
  });

  it('that cannot be read is none', () => {
    localStorage.setItem(`im-rs.draft.${ACCOUNT.userId}.${CHAT}`, '{broken');
    load();
    expect(text()).toBe('');
  });
});
