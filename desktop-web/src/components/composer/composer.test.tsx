import { act, createEvent, fireEvent, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { FOR_EVER } from '@/constants/mutes';
import { EntryType } from '@/protocol/codes';
import { MAX_FILE } from '@/protocol/limits';
import { applyEvent } from '@/stores/applyEvent';
import { useChatStore } from '@/stores/chatStore';
import { useComposerStore } from '@/stores/composerStore';
import { useContactStore } from '@/stores/contactStore';
import { draftText, useDraftStore } from '@/stores/draftStore';
import { useGroupStore } from '@/stores/groupStore';
import { useTypingStore } from '@/stores/typingStore';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, ALICE, BOB, GUEST_ACCOUNT, makeConversation, makeFriend } from '@/test/people';
import { renderAt } from '@/test/render';
import { makeEntry } from '@/test/serverFrames';
import { asConversationId } from '@/types/ids';
import { Composer } from './Composer';
import { ComposerBlocked } from './ComposerBlocked';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const CHAT = asConversationId('70');
const field = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message' });
const draft = () => draftText(useDraftStore.getState(), CHAT);
const picture = (name = 'sea.png') => new File(['png'], name, { type: 'image/png' });

const show = () =>
  renderAt(
    <main>
      <Composer conversationId={CHAT} offline={false} />
    </main>,
  );

beforeEach(() => {
  resetClient();
  localStorage.clear();
  URL.createObjectURL = () => 'blob:here';
  URL.revokeObjectURL = () => undefined;
  applyEvent({ type: 'signedIn', account: ACCOUNT });
  applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB)] });
  applyEvent({ type: 'localDataLoaded', conversations: [makeConversation(CHAT, 3)], pending: [] });
});

/** H5 */
describe('the composer', () => {
  it('sends by Enter, is empty again and keeps the focus', async () => {
    show();
    await userEvent.type(field(), '  hello{Enter}');
    expect(fakeClient.sendText).toHaveBeenCalledExactlyOnceWith(CHAT, 'hello');
    expect(field()).toHaveValue('');
    expect(field()).toHaveFocus();
  });

  it('keeps the focus when the button was pressed, and takes the draft back from other devices', async () => {
    show();
    await userEvent.type(field(), 'hello');
    await userEvent.click(screen.getByRole('button', { name: 'Send' }));
    expect(field()).toHaveFocus();
    expect(fakeClient.saveDraft).toHaveBeenLastCalledWith(CHAT, '');
  });

  it('makes a line by Shift+Enter', async () => {
    show();
    await userEvent.type(field(), 'one{Shift>}{Enter}{/Shift}two');
    expect(field()).toHaveValue('one\ntwo');
    expect(fakeClient.sendText).not.toHaveBeenCalled();
  });

  /** H6: the keyboard of a phone has no Shift+Enter */
  it('makes a line by Enter on touch, where the button sends', async () => {
    const list = matchMedia('all');
    const touch = vi.spyOn(globalThis, 'matchMedia');
    touch.mockImplementation((media) => ({ ...list, media, matches: media === '(hover: none)' }));
    show();
    await userEvent.type(field(), 'one{Enter}two');
    expect(field()).toHaveValue('one\ntwo');
    expect(fakeClient.sendText).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole('button', { name: 'Send' }));
    expect(fakeClient.sendText).toHaveBeenCalledExactlyOnceWith(CHAT, 'one\ntwo');
    touch.mockRestore();
  });

  it('does not send what is empty', async () => {
    show();
    expect(screen.getByRole('button', { name: 'Send' })).toBeDisabled();
    await userEvent.type(field(), '   {Enter}');
    expect(fakeClient.sendText).not.toHaveBeenCalled();
  });

  /** [M7] */
  it('refuses text over 8,192 bytes and says by how much', () => {
    show();
    fireEvent.change(field(), { target: { value: '禾'.repeat(2_731) } });
    expect(screen.getByRole('alert')).toHaveTextContent('Too long by 1 bytes.');
    expect(screen.getByRole('button', { name: 'Send' })).toBeDisabled();
  });

  it('edits the last own text by the arrow up, once it is empty', async () => {
    const entries = [
      makeEntry(CHAT, 1, { senderId: ALICE.userId, text: 'first' }),
      makeEntry(CHAT, 2, { senderId: ALICE.userId, text: 'second' }),
      makeEntry(CHAT, 3, { senderId: BOB.userId }),
      makeEntry(CHAT, 4, { senderId: ALICE.userId, text: 'gone' }),
      makeEntry(CHAT, 5, { senderId: ALICE.userId, type: EntryType.Recall, targetSeq: 4, text: '' }),
    ];
    applyEvent({
      type: 'logOpened',
      page: { conversationId: CHAT, entries, about: [], first: true, last: true },
    });
    show();
    await userEvent.type(field(), '{ArrowUp}');
    expect(field()).toHaveValue('second');
    expect(screen.getByText('Editing')).toBeVisible();
    await userEvent.type(field(), ' thought{Enter}');
    expect(fakeClient.editMessage).toHaveBeenCalledExactlyOnceWith(CHAT, 2, 'second thought', []);
    expect(field()).toHaveValue('');
    await userEvent.type(field(), 'text{ArrowUp}');
    expect(field()).toHaveValue('text');
  });

  it('leaves an answer by Escape and keeps the text, an edit and gives the draft back', async () => {
    show();
    await userEvent.type(field(), 'mine');
    const { setTarget } = useComposerStore.getState();
    act(() => setTarget(CHAT, { kind: 'reply', seq: 3, senderId: BOB.userId, text: 'message 3' }));
    expect(screen.getByText('Reply to Bob')).toBeVisible();
    await userEvent.type(field(), '{Escape}');
    expect(screen.queryByText('Reply to Bob')).not.toBeInTheDocument();
    act(() => setTarget(CHAT, { kind: 'edit', seq: 1, text: 'old', mentions: [] }));
    expect(field()).toHaveValue('old');
    await userEvent.type(field(), 'er{Escape}');
    expect(field()).toHaveValue('mine');
    expect(fakeClient.editMessage).not.toHaveBeenCalled();
  });

  it('goes on with an edit that was left in the middle', async () => {
    const { unmount } = show();
    act(() =>
      useComposerStore.getState().setTarget(CHAT, { kind: 'edit', seq: 1, text: 'old', mentions: [] }),
    );
    await userEvent.type(field(), 'er');
    unmount();
    expect(draft()).toBe('');
    show();
    expect(field()).toHaveValue('older');
  });
});

/** H5: what is composed is not sent */
describe('an input method', () => {
  it('has its Enter for itself, in every way that browsers tell it', () => {
    show();
    fireEvent.compositionStart(field());
    fireEvent.change(field(), { target: { value: 'ni' } });
    fireEvent.keyDown(field(), { key: 'Enter', isComposing: true });
    fireEvent.keyDown(field(), { key: 'Enter', keyCode: 229 });
    fireEvent.keyDown(field(), { key: 'Enter' });
    fireEvent.change(field(), { target: { value: '你' } });
    // Safari ends the composition first; then comes the key that ended it, a little later whatever the machine does.
    const end = createEvent.compositionEnd(field());
    fireEvent(field(), end);
    const pressEnter = (afterMs: number) => {
      const press = createEvent.keyDown(field(), { key: 'Enter' });
      Object.defineProperty(press, 'timeStamp', { value: end.timeStamp + afterMs });
      fireEvent(field(), press);
    };
    pressEnter(20);
    expect(fakeClient.sendText).not.toHaveBeenCalled();
    pressEnter(1_000);
    expect(fakeClient.sendText).toHaveBeenCalledExactlyOnceWith(CHAT, '你');
  });

  it('keeps its arrows and Escape', () => {
    show();
    act(() =>
      useComposerStore
        .getState()
        .setTarget(CHAT, { kind: 'reply', seq: 3, senderId: BOB.userId, text: 'message 3' }),
    );
    fireEvent.keyDown(field(), { key: 'Escape', isComposing: true });
    expect(screen.getByText('Reply to Bob')).toBeVisible();
  });
});

/** H5, F4 */
describe('a draft', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('does not go into the store with every key', () => {
    vi.useFakeTimers();
    const told = vi.fn();
    const sentence = 'a long sentence without a pause';
    show();
    const end = useDraftStore.subscribe(told);
    for (let length = 1; length <= sentence.length; length += 1) {
      fireEvent.change(field(), { target: { value: sentence.slice(0, length) } });
      act(() => {
        vi.advanceTimersByTime(399);
      });
    }
    end();
    // The first key says that this device writes.
    expect(told).toHaveBeenCalledTimes(1);
    expect(draft()).toBe('a');
  });

  it('is in the store when typing pauses', () => {
    vi.useFakeTimers();
    show();
    fireEvent.change(field(), { target: { value: 'o' } });
    fireEvent.change(field(), { target: { value: 'on' } });
    act(() => {
      vi.advanceTimersByTime(400);
    });
    expect(draft()).toBe('on');
  });

  it('is kept and told when the composer is left, and comes back', async () => {
    const { unmount } = show();
    await userEvent.type(field(), 'unfinished');
    unmount();
    expect(draft()).toBe('unfinished');
    expect(fakeClient.saveDraft).toHaveBeenLastCalledWith(CHAT, 'unfinished');
    show();
    expect(field()).toHaveValue('unfinished');
  });

  it('of another device shows at once where nothing was typed', () => {
    show();
    const conversation = makeConversation(CHAT, 3, { draft: 'from the phone', draftAt: 5 });
    act(() => applyEvent({ type: 'conversationsChanged', conversations: [conversation] }));
    expect(field()).toHaveValue('from the phone');
  });
});

/** E1, H5 */
describe('files', () => {
  const files = () => screen.queryAllByRole('listitem').map((item) => item.textContent);

  it('are shown before they are sent, can be taken out, and go before their text', async () => {
    show();
    fireEvent.change(screen.getByLabelText('Attach a file', { selector: 'input' }), {
      target: { files: [picture(), picture('second.png')] },
    });
    expect(files()).toEqual(['sea.png3 B', 'second.png3 B']);
    await userEvent.click(screen.getByRole('button', { name: 'Do not send second.png' }));
    await userEvent.type(field(), 'the sea{Enter}');
    expect(fakeClient.sendFile).toHaveBeenCalledExactlyOnceWith(
      CHAT,
      expect.objectContaining({ name: 'sea.png' }),
      {},
    );
    expect(fakeClient.sendText).toHaveBeenCalledExactlyOnceWith(CHAT, 'the sea');
    expect(files()).toEqual([]);
  });

  it('go alone, the first of them as the answer', async () => {
    show();
    act(() =>
      useComposerStore
        .getState()
        .setTarget(CHAT, { kind: 'reply', seq: 3, senderId: BOB.userId, text: 'message 3' }),
    );
    act(() => useComposerStore.getState().attach(CHAT, [picture(), picture('second.png')]));
    await userEvent.click(screen.getByRole('button', { name: 'Send' }));
    expect(fakeClient.sendFile.mock.calls.map(([, , options]) => options)).toEqual([{ replyToSeq: 3 }, {}]);
    expect(fakeClient.sendText).not.toHaveBeenCalled();
  });

  it('are pasted, but not the picture that an office program adds to a text', () => {
    show();
    fireEvent.paste(field(), { clipboardData: { files: [picture()], types: ['text/plain', 'Files'] } });
    expect(files()).toEqual([]);
    fireEvent.paste(field(), { clipboardData: { files: [picture()], types: ['Files'] } });
    expect(files()).toEqual(['sea.png3 B']);
  });

  it('are dropped anywhere on the chat, which says what happens', () => {
    show();
    const chat = screen.getByRole('main');
    const dataTransfer = { types: ['Files'], files: [picture()] };
    fireEvent.dragEnter(chat, { dataTransfer });
    expect(screen.getByText('Drop to add the files')).toBeVisible();
    fireEvent.drop(chat, { dataTransfer });
    expect(screen.queryByText('Drop to add the files')).not.toBeInTheDocument();
    expect(files()).toEqual(['sea.png3 B']);
  });

  it('that are too large or empty are refused before anything is uploaded', async () => {
    show();
    const large = picture('large.png');
    Object.defineProperty(large, 'size', { value: MAX_FILE + 1 });
    act(() => useComposerStore.getState().attach(CHAT, [large, new File([], 'empty.txt')]));
    expect(screen.getAllByRole('alert').map((alert) => alert.textContent)).toEqual([
      'Larger than 52 MB.',
      'This file is empty.',
    ]);
    await userEvent.type(field(), 'text{Enter}');
    expect(fakeClient.sendFile).not.toHaveBeenCalled();
    expect(fakeClient.sendText).not.toHaveBeenCalled();
  });

  it('are not for guests', () => {
    applyEvent({ type: 'signedIn', account: GUEST_ACCOUNT });
    show();
    expect(screen.queryByRole('button', { name: 'Attach a file' })).not.toBeInTheDocument();
    fireEvent.paste(field(), { clipboardData: { files: [picture()], types: ['Files'] } });
    expect(files()).toEqual([]);
  });
});

/** E1 */
describe('in place of the composer', () => {
  const now = new Date(2026, 4, 14, 15, 0).getTime();

  it.each([
    ['the clock', now + 3_600_000, 'You may not write until 16:00.'],
    ['the day and the clock', now + 24 * 3_600_000, 'You may not write until 15 May 15:00.'],
    ['no time', FOR_EVER, 'You may not write until an admin lets you speak again.'],
  ])('stands for how long the voice was taken: %s', (_, until, text) => {
    render(<ComposerBlocked block="silenced" until={until} now={now} />);
    expect(screen.getByText(text)).toBeVisible();
  });

  it('stands that only admins write', () => {
    render(<ComposerBlocked block="silencedAll" until={FOR_EVER} now={now} />);
    expect(screen.getByText('Only admins write in this group.')).toBeVisible();
  });
});

describe('the emoji picker', () => {
  // A chunk of its own, which a loaded machine takes its time to compile.
  beforeAll(async () => {
    await Promise.all([import('@/components/emoji/EmojiPicker'), import('virtual:emoji/en')]);
  });

  it('puts an emoji where the caret is, and Escape gives the focus back', async () => {
    show();
    await userEvent.type(field(), 'ab');
    field().setSelectionRange(1, 1);
    await userEvent.click(screen.getByRole('button', { name: 'Emoji' }));
    const picker = await screen.findByRole('dialog', { name: 'Emoji' });
    await userEvent.type(within(picker).getByRole('searchbox', { name: 'Search emoji' }), 'red heart');
    await userEvent.click(await within(picker).findByRole('button', { name: 'red heart' }));
    expect(field()).toHaveValue('a❤️b');
    await userEvent.type(within(picker).getByRole('searchbox', { name: 'Search emoji' }), '{Escape}');
    expect(screen.queryByRole('dialog', { name: 'Emoji' })).not.toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Emoji' })).toHaveFocus();
  });

  it('stays open by the Escape that an input method takes', async () => {
    show();
    await userEvent.click(screen.getByRole('button', { name: 'Emoji' }));
    const picker = await screen.findByRole('dialog', { name: 'Emoji' });
    fireEvent.keyDown(within(picker).getByRole('searchbox'), { key: 'Escape', isComposing: true });
    expect(picker).toBeInTheDocument();
  });
});

/** Typing costs under 16 ms per key with 50 conversations and 10,000 messages: no key reaches what shows them. */
describe('a key', () => {
  it('changes no store but that of the drafts', async () => {
    const changed = vi.fn();
    show();
    const ends = [useChatStore, useContactStore, useGroupStore, useTypingStore, useComposerStore].map(
      (store) => store.subscribe(changed),
    );
    await userEvent.type(field(), 'no key of this');
    expect(changed).not.toHaveBeenCalled();
    for (const end of ends) end();
  });
});
