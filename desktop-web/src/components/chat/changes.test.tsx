import { act, fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Code, ConversationType, EntryType, Role } from '@/protocol/codes';
import { applyEvent } from '@/stores/applyEvent';
import { useComposerStore } from '@/stores/composerStore';
import { draftText, useDraftStore } from '@/stores/draftStore';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, ALICE, BOB, CAROL, makeConversation, makeFriend } from '@/test/people';
import { renderAt } from '@/test/render';
import { makeEntry } from '@/test/serverFrames';
import type { Entry } from '@/types/entry';
import { asClientMessageId, asConversationId } from '@/types/ids';
import { ChatsPage } from '@/pages/chats/ChatsPage';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const CHAT = asConversationId('70');
const own = (seq: number, changes: Partial<Entry> = {}) =>
  makeEntry(CHAT, seq, { senderId: ALICE.userId, ...changes });
const change = (seq: number, type: EntryType, targetSeq: number, text: string = '') =>
  makeEntry(CHAT, seq, { type, targetSeq, text });

function show(entries: readonly Entry[], changes: Parameters<typeof makeConversation>[2] = {}) {
  const conversation = makeConversation(CHAT, entries.length, {
    last: entries.at(-1) ?? null,
    unread: 0,
    ...changes,
  });
  applyEvent({ type: 'conversationsChanged', conversations: [conversation] });
  applyEvent({
    type: 'logOpened',
    page: { conversationId: CHAT, entries, about: [], first: true, last: true },
  });
  return renderAt(<ChatsPage />, '/chats/70', '/chats/:conversationId?');
}

const article = (index: number) => {
  const found = screen.getAllByRole('article')[index];
  if (!found) throw new Error(`no message ${index}`);
  return found;
};
const composer = () => screen.getByRole('textbox', { name: 'Message' });

/** Opens the menu of a message and gives the names of what it offers. */
async function openMenu(index: number): Promise<string[]> {
  fireEvent.contextMenu(article(index));
  const menu = await screen.findByRole('menu', { name: 'Actions for this message' });
  const items = within(menu).getAllByRole('menuitem');
  return items.map((item) => item.textContent ?? '').filter((name) => name !== '');
}
const choose = (name: string) => userEvent.click(screen.getByRole('menuitem', { name }));

beforeEach(() => {
  resetClient();
  useDraftStore.setState({ drafts: {}, told: {} });
  useComposerStore.setState({ targets: {} });
  applyEvent({ type: 'signedIn', account: ACCOUNT });
  applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB), makeFriend(CAROL)] });
  applyEvent({ type: 'localDataLoaded', conversations: [], pending: [] });
});

/** D8, D9, D10, D11 */
describe('the log', () => {
  it('shows an edited message with its mark, and a line for one that was taken back', () => {
    show([
      own(1),
      makeEntry(CHAT, 2),
      change(3, EntryType.Edit, 1, 'better'),
      change(4, EntryType.Recall, 2),
    ]);
    expect(screen.getAllByRole('article')).toHaveLength(2);
    expect(article(0)).toHaveTextContent('better');
    expect(article(0)).toHaveTextContent('edited');
    expect(within(article(1)).getByText('Bob took a message back')).toBeVisible();
    expect(screen.queryByText('message 2')).not.toBeInTheDocument();
  });

  it('shows what a message answers', () => {
    show([makeEntry(CHAT, 1), own(2, { targetSeq: 1 }), own(3, { targetSeq: 99 })]);
    expect(within(article(1)).getByRole('blockquote')).toHaveTextContent('Bobmessage 1');
    expect(within(article(2)).getByRole('blockquote')).toHaveTextContent('An earlier message');
  });

  it('shows reactions, and a press joins in or takes the own one off', async () => {
    show([
      makeEntry(CHAT, 1),
      change(2, EntryType.Reaction, 1, '+👍'),
      own(3, { type: EntryType.Reaction, targetSeq: 1, text: '+🎉' }),
    ]);
    await userEvent.click(within(article(0)).getByRole('button', { name: '👍, 1: Bob' }));
    expect(fakeClient.react).toHaveBeenLastCalledWith(CHAT, 1, '👍', false);
    await userEvent.click(within(article(0)).getByRole('button', { name: '🎉, 1: You', pressed: true }));
    expect(fakeClient.react).toHaveBeenLastCalledWith(CHAT, 1, '🎉', true);
  });

  it('shows an own change before it is stored', () => {
    show([own(1)]);
    act(() =>
      applyEvent({
        type: 'changeQueued',
        change: {
          kind: 'edit',
          clientMessageId: asClientMessageId('c'),
          conversationId: CHAT,
          createdAt: 1,
          attempted: false,
          targetSeq: 1,
          text: 'soon',
          mentions: [],
          remove: false,
        },
      }),
    );
    expect(article(0)).toHaveTextContent('soon');
    expect(within(article(0)).getByRole('img', { name: 'sending' })).toBeVisible();
  });

  it('shows typing of the other one, and a notification as what it is', () => {
    const text = JSON.stringify({ title: 'Maintenance', content: 'Tonight at ten.' });
    show([makeEntry(CHAT, 1, { type: EntryType.System, text })], {
      type: ConversationType.System,
      peerId: null,
    });
    expect(article(0)).toHaveTextContent('MaintenanceTonight at ten.');
    expect(screen.getByRole('heading', { name: 'Notifications' })).toBeVisible();
    expect(screen.getByText('Only the operator writes here.')).toBeVisible();
    expect(screen.queryByRole('textbox', { name: 'Message' })).not.toBeInTheDocument();
  });
});

describe('the menu of a message', () => {
  it("offers to edit and take back what is one's own only", async () => {
    show([makeEntry(CHAT, 1), own(2)]);
    expect(await openMenu(0)).toEqual(['Reply', 'Copy text']);
    const reactions = screen.getAllByRole('menuitemcheckbox').map((item) => item.textContent);
    expect(reactions).toEqual(['👍', '❤️', '😂', '🎉', '😮', '😢']);
    await userEvent.click(screen.getByRole('menuitemcheckbox', { name: 'React with 👍' }));
    expect(fakeClient.react).toHaveBeenCalledWith(CHAT, 1, '👍', false);
  });

  /** D11, [C4] */
  it('has every emoji that can be a reaction', async () => {
    await Promise.all([import('@/components/emoji/EmojiPicker'), import('virtual:emoji/en')]);
    show([makeEntry(CHAT, 1)]);
    await openMenu(0);
    await choose('Another emoji');
    const picker = await screen.findByRole('dialog', { name: 'Emoji' });
    fireEvent.change(within(picker).getByRole('searchbox'), { target: { value: 'teacup' } });
    fireEvent.click(await within(picker).findByRole('button', { name: 'teacup without handle' }));
    expect(fakeClient.react).toHaveBeenCalledExactlyOnceWith(CHAT, 1, '🍵', false);
    expect(screen.queryByRole('dialog', { name: 'Emoji' })).not.toBeInTheDocument();
  });

  it('takes a message back after a question', async () => {
    show([own(1)]);
    expect(await openMenu(0)).toContain('Take back');
    await choose('Take back');
    expect(fakeClient.recallMessage).not.toHaveBeenCalled();
    const question = await screen.findByRole('dialog', { name: 'Take this message back?' });
    await userEvent.click(within(question).getByRole('button', { name: 'Take back' }));
    expect(fakeClient.recallMessage).toHaveBeenCalledExactlyOnceWith(CHAT, 1);
  });

  it('lets an admin take back what others wrote, and nobody write who is no member', async () => {
    const { unmount } = show([makeEntry(CHAT, 1)], {
      type: ConversationType.Group,
      peerId: null,
      role: Role.Admin,
    });
    expect(await openMenu(0)).toContain('Take back');
    unmount();
    show([makeEntry(CHAT, 1)], { type: ConversationType.Group, peerId: null, role: Role.None });
    expect(await openMenu(0)).toEqual(['Copy text']);
    expect(screen.getByText('You are no longer in this group.')).toBeVisible();
  });

  /** F7 */
  it('says who read a message in a group', async () => {
    fakeClient.receipts.mockResolvedValue({
      members: 4,
      delivered: 3,
      read: 1,
      receipts: [
        { userId: BOB.userId, readSeq: 5, deliveredSeq: 5 },
        { userId: CAROL.userId, readSeq: 0, deliveredSeq: 1 },
      ],
      nextUserId: null,
    });
    show([own(1)], { type: ConversationType.Group, peerId: null });
    await openMenu(0);
    await choose('Who read it');
    const dialog = await screen.findByRole('dialog', { name: 'Who read it' });
    expect(fakeClient.receipts).toHaveBeenCalledWith(CHAT, 1, null);
    expect(await within(dialog).findByText('1 of 4 read it, 3 have it.')).toBeInTheDocument();
    const members = (name: string) => within(dialog).getByRole('region', { name }).textContent;
    expect(members('Read')).toContain('Bob');
    expect(members('Delivered')).toContain('Carol');
  });

  it('says who read a message in a group page by page, and asks again for what failed', async () => {
    const refusal = Object.assign(new Error(), { code: Code.Unavailable });
    const receiptOf = ({ userId }: typeof BOB) => ({ userId, readSeq: 5, deliveredSeq: 5 });
    const counts = { members: 2, delivered: 2, read: 2 };
    const pages = [
      { ...counts, receipts: [receiptOf(BOB)], nextUserId: BOB.userId },
      { ...counts, receipts: [receiptOf(CAROL)], nextUserId: null },
    ] as const;
    // The log asks as well, for its counts.
    fakeClient.receipts.mockRejectedValue(refusal);
    show([own(1)], { type: ConversationType.Group, peerId: null });
    await openMenu(0);
    let refuse: (reason: unknown) => void = () => undefined;
    fakeClient.receipts.mockReturnValue(new Promise((_, reject) => (refuse = reject)));
    await choose('Who read it');
    const dialog = await screen.findByRole('dialog', { name: 'Who read it' });
    const isBusy = () => dialog.querySelector('[aria-busy="true"]') !== null;
    expect(isBusy()).toBe(true);
    await act(async () => {
      refuse(refusal);
      await Promise.resolve();
    });
    expect(await within(dialog).findByRole('alert')).toHaveTextContent('cannot be reached');
    expect(isBusy()).toBe(false);

    const again = () => userEvent.click(within(dialog).getByRole('button', { name: 'Try again' }));
    fakeClient.receipts.mockImplementation((_id, _seq, after) =>
      after === null ? Promise.resolve(pages[0]) : Promise.reject(refusal),
    );
    await again();
    expect(await within(dialog).findByText('Bob')).toBeInTheDocument();
    expect(within(dialog).queryByRole('alert')).not.toBeInTheDocument();
    await userEvent.click(within(dialog).getByRole('button', { name: 'Show more members' }));
    await within(dialog).findByRole('alert');

    fakeClient.receipts.mockImplementation((_id, _seq, after) =>
      Promise.resolve(after === null ? pages[0] : pages[1]),
    );
    await again();
    expect(await within(dialog).findByText('Carol')).toBeInTheDocument();
    expect(within(dialog).getAllByText('Bob')).toHaveLength(1);
    expect(within(dialog).queryByRole('alert')).not.toBeInTheDocument();
    expect(fakeClient.receipts).toHaveBeenCalledWith(CHAT, 1, BOB.userId);
  });

  it('copies the text', async () => {
    const user = userEvent.setup();
    show([makeEntry(CHAT, 1)]);
    await openMenu(0);
    await user.click(screen.getByRole('menuitem', { name: 'Copy text' }));
    expect(await navigator.clipboard.readText()).toBe('message 1');
  });

  it('says so where the browser has no clipboard, as on plain http', async () => {
    show([makeEntry(CHAT, 1)]);
    await openMenu(0);
    vi.spyOn(navigator, 'clipboard', 'get').mockReturnValue(undefined as unknown as Clipboard);
    fireEvent.click(screen.getByRole('menuitem', { name: 'Copy text' }));
    expect(await screen.findByText('The browser does not let this page copy.')).toBeVisible();
    vi.restoreAllMocks();
  });

  /** H6 */
  it('stays in sight when the keyboard of a phone comes or goes, and closes when the phone is turned', async () => {
    const { innerHeight, innerWidth } = window;
    const resize = (size: Partial<Record<'innerHeight' | 'innerWidth', number>>) => {
      Object.assign(window, size);
      fireEvent(window, new Event('resize'));
    };
    show([makeEntry(CHAT, 1)]);
    fireEvent.contextMenu(article(0), { clientX: 10, clientY: 700 });
    const menu = await screen.findByRole('menu', { name: 'Actions for this message' });
    const second = within(menu).getAllByRole('menuitemcheckbox')[1];
    second?.focus();
    resize({ innerHeight: 400 });
    expect(menu).toBeInTheDocument();
    expect(Number.parseFloat(menu.style.getPropertyValue('--top'))).toBeLessThan(400);
    expect(second).toHaveFocus();
    resize({ innerWidth: innerWidth / 2 });
    expect(menu).not.toBeInTheDocument();
    Object.assign(window, { innerHeight, innerWidth });
  });

  it('answers a message, or not after all', async () => {
    show([makeEntry(CHAT, 1)]);
    await openMenu(0);
    await choose('Reply');
    expect(screen.getByText('Reply to Bob')).toBeVisible();
    await userEvent.type(composer(), 'yes{Enter}');
    expect(fakeClient.sendText).toHaveBeenCalledExactlyOnceWith(CHAT, 'yes', { replyToSeq: 1 });
    expect(screen.queryByText('Reply to Bob')).not.toBeInTheDocument();
    act(() =>
      useComposerStore
        .getState()
        .setTarget(CHAT, { kind: 'reply', seq: 1, senderId: BOB.userId, text: 'message 1' }),
    );
    await userEvent.type(composer(), 'kept{Escape}');
    expect(screen.queryByText('Reply to Bob')).not.toBeInTheDocument();
    expect(composer()).toHaveValue('kept');
  });

  describe('of one that was taken back', () => {
    const GROUP = { type: ConversationType.Group, peerId: null } as const;
    const recall = async (seq = 2) => {
      await openMenu(0);
      await choose('Take back');
      const question = await screen.findByRole('dialog', { name: 'Take this message back?' });
      await userEvent.click(within(question).getByRole('button', { name: 'Take back' }));
      const entry = own(seq, { type: EntryType.Recall, targetSeq: 1, text: '' });
      const conversation = makeConversation(CHAT, seq, { ...GROUP, unread: 0 });
      act(() => applyEvent({ type: 'entriesApplied', conversation, entries: [entry] }));
    };
    const again = () => userEvent.click(screen.getByRole('button', { name: 'Edit again' }));

    it('puts it before what is being written, once, and calls whom both call', async () => {
      show([own(1, { text: 'Ask @Bob', mentions: [BOB.userId] })], GROUP);
      await recall();
      act(() =>
        useDraftStore.getState().setDraft(CHAT, 'and @Carol', [{ userId: CAROL.userId, label: 'Carol' }]),
      );
      await again();
      expect(composer()).toHaveValue('Ask @Bob\nand @Carol');
      expect(composer()).toHaveFocus();
      await again();
      expect(composer()).toHaveValue('Ask @Bob\nand @Carol');
      await userEvent.click(screen.getByRole('button', { name: 'Send' }));
      expect(fakeClient.sendText).toHaveBeenCalledExactlyOnceWith(CHAT, 'Ask @Bob\nand @Carol', {
        mentions: [BOB.userId, CAROL.userId],
      });
    });

    it('leaves an answer what it is, and loses no word that was typed a moment ago', async () => {
      show([own(1), makeEntry(CHAT, 2)], GROUP);
      await recall(3);
      act(() =>
        useComposerStore
          .getState()
          .setTarget(CHAT, { kind: 'reply', seq: 2, senderId: BOB.userId, text: 'message 2' }),
      );
      composer().focus();
      fireEvent.change(composer(), { target: { value: 'o' } });
      fireEvent.change(composer(), { target: { value: 'on it' } });
      // A press on touch leaves the focus where it is.
      fireEvent.click(screen.getByRole('button', { name: 'Edit again' }));
      expect(composer()).toHaveValue('message 1\non it');
      expect(draftText(useDraftStore.getState(), CHAT)).toBe('message 1\non it');
      expect(screen.getByText('Reply to Bob')).toBeVisible();
    });
  });

  it('edits a message with its mentions', async () => {
    show([own(1, { mentions: [BOB.userId] })]);
    await openMenu(0);
    await choose('Edit');
    expect(useComposerStore.getState().targets[CHAT]).toEqual({
      kind: 'edit',
      seq: 1,
      text: 'message 1',
      mentions: [BOB.userId],
    });
  });
});

describe('typing', () => {
  it('shows in the title and in the list, until the message comes', () => {
    show([makeEntry(CHAT, 1)]);
    // It shows for a few seconds, which may be over on a machine that does other things as well.
    const at = Date.now() + 60_000;
    act(() => applyEvent({ type: 'typingStarted', conversationId: CHAT, userId: BOB.userId, at }));
    expect(screen.getAllByText('typing…')).toHaveLength(2);
    const conversation = makeConversation(CHAT, 2);
    act(() => applyEvent({ type: 'entriesApplied', conversation, entries: [makeEntry(CHAT, 2)] }));
    expect(screen.queryByText('typing…')).not.toBeInTheDocument();
  });
});

describe('a refusal', () => {
  it('takes the change back', () => {
    show([own(1)]);
    const refused = {
      kind: 'recall',
      clientMessageId: asClientMessageId('r'),
      conversationId: CHAT,
      createdAt: 1,
      attempted: true,
      targetSeq: 1,
      text: '',
      mentions: [],
      remove: false,
    } as const;
    act(() => applyEvent({ type: 'changeQueued', change: refused }));
    expect(article(0)).toHaveTextContent('You took a message back');
    act(() => applyEvent({ type: 'changeRefused', change: refused, code: Code.RecallTooLate }));
    expect(article(0)).toHaveTextContent('message 1');
  });
});
