import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Code, ConversationType, EntryType, Role } from '@/protocol/codes';
import { RequestError, SessionEnded } from '@/services/session/errors';
import { applyEvent } from '@/stores/applyEvent';
import { useChatStore } from '@/stores/chatStore';
import { useComposerStore } from '@/stores/composerStore';
import { useDraftStore } from '@/stores/draftStore';
import { fakeClient, resetClient } from '@/test/fakeClient';
import { ACCOUNT, ALICE, BOB, CAROL, makeConversation, makeFriend } from '@/test/people';
import { renderAt } from '@/test/render';
import { makeEntry } from '@/test/serverFrames';
import { ROW_HEIGHT, VIEW_HEIGHT } from '@/test/sizes';
import type { Entry } from '@/types/entry';
import type { LogPage } from '@/types/event';
import { asClientMessageId, asConversationId } from '@/types/ids';
import type { PendingMessage } from '@/types/pending';
import { ChatsPage } from '@/pages/chats/ChatsPage';

vi.mock('@/services/client', () => ({ client: fakeClient }));

const CHAT = asConversationId('70');
const NOON = new Date(2026, 2, 10, 12).getTime();

/** Texts of Bob in one day, six minutes apart, so that each stands alone. */
const entries = (from: number, to: number, changes: Partial<Entry> = {}) =>
  Array.from({ length: to - from + 1 }, (_, index) =>
    makeEntry(CHAT, from + index, {
      senderId: BOB.userId,
      createdAt: NOON + (from + index) * 360_000,
      ...changes,
    }),
  );
const page = (list: readonly Entry[], changes: Partial<LogPage> = {}): LogPage => ({
  conversationId: CHAT,
  entries: list,
  about: [],
  first: true,
  last: true,
  ...changes,
});

type Changes = Parameters<typeof makeConversation>[2];

function show(opened: LogPage, changes: Changes = {}, path: string = '/chats/70') {
  const tip = opened.entries.at(-1)?.seq ?? 0;
  applyEvent({
    type: 'conversationsChanged',
    conversations: [makeConversation(CHAT, tip, { unread: 0, readSeq: tip, ...changes })],
  });
  applyEvent({ type: 'logOpened', page: opened });
  return renderAt(<ChatsPage />, path, '/chats/:conversationId?/:seq?');
}
const arrive = (list: readonly Entry[], changes: Changes = {}) =>
  act(() => {
    const tip = list.at(-1)?.seq ?? 0;
    const conversation = makeConversation(CHAT, tip, { unread: 0, ...changes });
    applyEvent({ type: 'entriesApplied', conversation, entries: list });
  });

const log = () => screen.getByRole('log');
const bottom = () => log().scrollHeight - VIEW_HEIGHT;
const scrollTo = (top: number) =>
  act(() => {
    log().scrollTop = top;
  });
/** The first jump is over, and nothing scrolls: until then the virtual list takes no presses. */
const settle = () =>
  waitFor(() => {
    expect(log()).toHaveAttribute('aria-busy', 'false');
    expect(log().querySelector('[style*="pointer-events: none"]')).toBeNull();
  });
const texts = () => [...log().querySelectorAll('[data-row] [id]')].map((content) => content.textContent);
const jump = () => screen.queryByRole('button', { name: /^Jump to the newest/ });

const pending: PendingMessage = {
  kind: 'message',
  clientMessageId: asClientMessageId('w'),
  conversationId: CHAT,
  createdAt: NOON,
  attempted: false,
  text: 'mine',
  replyToSeq: 0,
  mentions: [],
  state: 'sending',
  failure: null,
};

afterEach(() => {
  vi.useRealTimers();
});

beforeEach(() => {
  resetClient();
  fakeClient.loadNewer.mockResolvedValue(undefined);
  useDraftStore.setState({ drafts: {}, told: {} });
  useComposerStore.setState({ targets: {} });
  applyEvent({ type: 'signedIn', account: ACCOUNT });
  applyEvent({ type: 'friendsLoaded', friends: [makeFriend(BOB), makeFriend(CAROL)] });
  applyEvent({ type: 'localDataLoaded', conversations: [], pending: [] });
});

/** H3, A3 */
describe('a long log', () => {
  it('draws what is on the screen and not the rest', () => {
    show(page(entries(1, 400)));
    expect(texts()).toContain('message 400');
    expect(texts()).not.toContain('message 200');
    expect(texts().length).toBeLessThan(60);
  });

  it('opens at its end', () => {
    show(page(entries(1, 100)));
    expect(log().scrollTop).toBe(bottom());
  });

  it('opens with the unread line a third from the top', async () => {
    show(page(entries(1, 100)), { readSeq: 60, unread: 40 });
    // Start, day, and sixty messages are above it.
    await waitFor(() => expect(log().scrollTop).toBe(62 * ROW_HEIGHT - VIEW_HEIGHT / 3));
    expect(screen.getByText('40 new messages')).toBeVisible();
  });

  /** D7 */
  it('is read as far as it was on the screen for a while, and not because it was opened', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    show(page(entries(1, 100)), { readSeq: 60, unread: 40 });
    const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
    await pass(120);
    await pass(399);
    expect(fakeClient.markRead).not.toHaveBeenCalled();
    await pass(1);
    const shown = Math.floor((log().scrollTop + VIEW_HEIGHT) / ROW_HEIGHT);
    // Start, day and the unread line are rows too.
    expect(fakeClient.markRead).toHaveBeenCalledExactlyOnceWith(CHAT, shown - 3);
    scrollTo(bottom() - 1_000);
    await pass(300);
    scrollTo(bottom());
    await pass(100);
    expect(fakeClient.markRead.mock.calls.slice(1)).toEqual([[CHAT]]);
  });

  it('keeps the end in view when a message comes, and stays where somebody reads', async () => {
    show(page(entries(1, 100)));
    await settle();
    arrive(entries(101, 101));
    expect(log().scrollTop).toBe(bottom());
    scrollTo(1_500);
    arrive(entries(102, 103));
    expect(log().scrollTop).toBe(1_500);
  });

  it('loads older messages ahead of the start and keeps what is read in its place', async () => {
    show(page(entries(101, 200), { first: false }));
    await settle();
    expect(fakeClient.loadOlder).not.toHaveBeenCalled();
    scrollTo(590);
    expect(fakeClient.loadOlder).toHaveBeenCalledExactlyOnceWith(CHAT, 101);
    const before = log().scrollTop;
    act(() =>
      applyEvent({ type: 'olderLoaded', page: page(entries(51, 100), { first: false, last: false }) }),
    );
    expect(log().scrollTop).toBe(before + 50 * ROW_HEIGHT);
  });

  it('loads newer messages ahead of the end until the newest', async () => {
    show(page(entries(1, 100), { last: false }), { tipSeq: 200 });
    await settle();
    scrollTo(100 * ROW_HEIGHT - VIEW_HEIGHT - 300);
    expect(fakeClient.loadNewer).toHaveBeenCalledWith(CHAT, 100);
    const before = log().scrollTop;
    act(() =>
      applyEvent({ type: 'newerLoaded', page: page(entries(101, 150), { first: false, last: true }) }),
    );
    expect(log().scrollTop).toBe(before);
    scrollTo(bottom());
    expect(jump()).not.toBeInTheDocument();
  });

  it('keeps what is read in its place when the window moves on at both ends', async () => {
    show(page(entries(1_001, 1_800), { first: false }));
    await settle();
    scrollTo(500);
    const seen = texts().find((text) => text !== undefined);
    act(() =>
      applyEvent({ type: 'olderLoaded', page: page(entries(951, 1_000), { first: false, last: false }) }),
    );
    expect(log().scrollTop).toBe(500 + 50 * ROW_HEIGHT);
    expect(texts()).toContain(seen);
    expect(useChatStore.getState().logs[CHAT]?.last).toBe(false);
  });

  it('goes to the end for an own message, from anywhere', async () => {
    show(page(entries(1, 100)));
    await settle();
    scrollTo(1_000);
    act(() => applyEvent({ type: 'messageQueued', message: pending }));
    expect(log().scrollTop).toBe(bottom());
    expect(screen.getByRole('article', { name: /sending/ })).toBeVisible();
  });

  it('opens at its end for an own message when the window does not reach it', async () => {
    show(page(entries(1, 100), { last: false }), { tipSeq: 500 });
    await settle();
    act(() => applyEvent({ type: 'messageQueued', message: pending }));
    expect(fakeClient.openLog).toHaveBeenLastCalledWith(CHAT);
  });
});

describe('the way to the newest message', () => {
  it('is not there at the end, and counts what was not read elsewhere', async () => {
    show(page(entries(1, 100)));
    await settle();
    expect(jump()).not.toBeInTheDocument();
    scrollTo(1_000);
    expect(jump()).toBeVisible();
    arrive(entries(101, 103), { unread: 3 });
    await userEvent.click(screen.getByRole('button', { name: 'Jump to the newest message, 3 new' }));
    expect(log().scrollTop).toBe(bottom());
    scrollTo(bottom());
    expect(jump()).not.toBeInTheDocument();
  });

  it('opens the log at its end when the window does not reach it', async () => {
    show(page(entries(1, 100), { last: false }), { tipSeq: 500 });
    await settle();
    const button = jump();
    if (button) await userEvent.click(button);
    expect(fakeClient.openLog).toHaveBeenLastCalledWith(CHAT);
    act(() => applyEvent({ type: 'logOpened', page: page(entries(401, 500), { first: false }) }));
    await waitFor(() => expect(texts()).toContain('message 500'));
    expect(log().scrollTop).toBe(bottom());
  });

  it('has a second one to who called the user and was not seen', async () => {
    const calls = [...entries(1, 60), ...entries(61, 61, { mentions: [ALICE.userId] }), ...entries(62, 160)];
    show(page(calls), { type: ConversationType.Group, peerId: null, readSeq: 20, unread: 140 });
    await settle();
    const mention = screen.getByRole('button', { name: 'Jump to a mention of you, 1 not seen' });
    await userEvent.click(mention);
    await waitFor(() => expect(texts()).toContain('message 61'));
    await waitFor(() =>
      expect(screen.queryByRole('button', { name: /^Jump to a mention/ })).not.toBeInTheDocument(),
    );
  });
});

describe('an address of a message', () => {
  it('leads to it, outlines it for a moment and says that it is meant', async () => {
    vi.useFakeTimers();
    show(page(entries(1, 200)), {}, '/chats/70/50');
    const pass = (time: number) => act(() => vi.advanceTimersByTimeAsync(time));
    await pass(500);
    const row = screen.getByText('message 50').closest('article');
    expect(row).toHaveAttribute('aria-current', 'true');
    expect(row).toHaveClass('outlined');
    await pass(1_000);
    expect(row).not.toHaveClass('outlined');
    expect(row).toHaveAttribute('aria-current', 'true');
  });

  it('opens the log around it', () => {
    applyEvent({ type: 'conversationsChanged', conversations: [makeConversation(CHAT, 500)] });
    renderAt(<ChatsPage />, '/chats/70/50', '/chats/:conversationId?/:seq?');
    expect(fakeClient.openLog).toHaveBeenCalledWith(CHAT, 50);
  });

  it('that is not there any more leads to the end, and says so', async () => {
    fakeClient.openLog.mockRejectedValue(new RequestError(Code.TargetNotFound, 'gone', 0));
    show(page(entries(101, 200), { first: false }), {}, '/chats/70/5');
    expect(await screen.findByText('Original not available')).toBeVisible();
    await waitFor(() => expect(log().scrollTop).toBe(bottom()));
  });
});

describe('an address of a message without a connection', () => {
  it('shows the end, and leads there as soon as there is one', async () => {
    fakeClient.openLog.mockRejectedValue(new SessionEnded('offline'));
    show(page(entries(101, 200), { first: false }), {}, '/chats/70/5');
    await waitFor(() => expect(log().scrollTop).toBe(bottom()));
    fakeClient.openLog.mockClear();
    fakeClient.openLog.mockResolvedValue(undefined);
    act(() =>
      applyEvent({ type: 'connectionChanged', connection: { phase: 'online', transport: 'webSocket' } }),
    );
    await waitFor(() => expect(fakeClient.openLog).toHaveBeenCalledExactlyOnceWith(CHAT, 5));
    act(() => applyEvent({ type: 'logOpened', page: page(entries(1, 45), { last: false }) }));
    const row = (await screen.findByText('message 5')).closest('article');
    expect(row).toHaveAttribute('aria-current', 'true');
  });
});

describe('an answer', () => {
  const answered = () => [...entries(1, 99), ...entries(100, 100, { targetSeq: 3 })];

  it('leads to its source', async () => {
    show(page(answered()));
    await settle();
    await userEvent.click(within(screen.getByRole('blockquote')).getByRole('button'));
    const source = await screen.findByText('message 3', { selector: 'article [id] *' });
    await waitFor(() => expect(source.closest('article')).toHaveAttribute('aria-current', 'true'));
  });

  it('opens the log around a source that is elsewhere, and says when it is gone', async () => {
    show(page([...entries(50, 99), ...entries(100, 100, { targetSeq: 3 })], { first: false }));
    await settle();
    fakeClient.openLog.mockRejectedValue(new RequestError(Code.TargetNotFound, 'gone', 0));
    const before = log().scrollTop;
    await userEvent.click(within(screen.getByRole('blockquote')).getByRole('button'));
    expect(fakeClient.openLog).toHaveBeenLastCalledWith(CHAT, 3);
    expect(await screen.findByText('Original not available')).toBeVisible();
    expect(log().scrollTop).toBe(before);
  });

  it('to what was taken back says that it is not there', () => {
    show(
      page([
        ...entries(1, 1),
        ...entries(2, 2, { targetSeq: 1 }),
        makeEntry(CHAT, 3, { type: EntryType.Recall, targetSeq: 1 }),
      ]),
    );
    const quote = screen.getByRole('blockquote');
    expect(quote).toHaveTextContent('Original not available');
    expect(within(quote).queryByRole('button')).not.toBeInTheDocument();
  });
});

/** H13 */
describe('the keyboard in a log', () => {
  const focused = () => document.activeElement?.querySelector('[id]')?.textContent;

  it('stops once with the Tab key, at the newest message', () => {
    show(page(entries(1, 100)));
    const stops = log().querySelectorAll('article[tabindex="0"]');
    expect([...stops].map((stop) => stop.querySelector('[id]')?.textContent)).toEqual(['message 100']);
  });

  it('goes from message to message, to the first and to the newest', async () => {
    show(page(entries(1, 100)));
    await settle();
    act(() => log().querySelector<HTMLElement>('article[tabindex="0"]')?.focus());
    await userEvent.keyboard('{ArrowUp}{ArrowUp}');
    expect(focused()).toBe('message 98');
    await userEvent.keyboard('{ArrowDown}');
    expect(focused()).toBe('message 99');
    await userEvent.keyboard('{Home}');
    await waitFor(() => expect(focused()).toBe('message 1'));
    await userEvent.keyboard('{End}');
    await waitFor(() => expect(focused()).toBe('message 100'));
  });

  it('answers, edits, opens the menu and asks before it deletes', async () => {
    show(page([...entries(1, 1), ...entries(2, 2, { senderId: ALICE.userId })]));
    await settle();
    const last = () => log().querySelector<HTMLElement>('article[tabindex="0"]');
    act(() => last()?.focus());
    await userEvent.keyboard('e');
    expect(useComposerStore.getState().targets[CHAT]).toMatchObject({ kind: 'edit', seq: 2 });
    act(() => last()?.focus());
    await userEvent.keyboard('{ArrowUp}r');
    expect(useComposerStore.getState().targets[CHAT]).toMatchObject({ kind: 'reply', seq: 1 });
    act(() => last()?.focus());
    await userEvent.keyboard('{Shift>}{F10}{/Shift}');
    expect(screen.getByRole('menu')).toBeVisible();
    expect(document.activeElement).toHaveAttribute('role', 'menuitemcheckbox');
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByRole('menu')).not.toBeInTheDocument();
    expect(document.activeElement).toBe(last());
    await userEvent.keyboard('{ArrowDown}{Delete}');
    expect(await screen.findByRole('dialog', { name: 'Take this message back?' })).toBeInTheDocument();
    expect(fakeClient.recallMessage).not.toHaveBeenCalled();
  });
});

/** H13 */
describe('what a reader says of a log', () => {
  const said = () => log().parentElement?.querySelector('[aria-live="polite"]')?.textContent;

  it('is what arrives and not history, own messages or edits', async () => {
    show(page(entries(50, 100), { first: false }));
    await settle();
    expect(log()).toHaveAttribute('aria-live', 'off');
    act(() => applyEvent({ type: 'olderLoaded', page: page(entries(1, 49), { last: false }) }));
    arrive(entries(101, 101, { senderId: ALICE.userId }));
    arrive([makeEntry(CHAT, 102, { type: EntryType.Edit, targetSeq: 100, text: 'better' })]);
    expect(said()).toBe('');
    arrive(entries(103, 103));
    expect(said()).toBe('Bob: message 103');
  });

  it('is one message in a second, then their number', async () => {
    show(page(entries(1, 10)));
    arrive(entries(11, 11));
    arrive(entries(12, 12));
    arrive(entries(13, 13));
    expect(said()).toBe('Bob: message 11');
    await waitFor(() => expect(said()).toBe('2 new messages'));
  });
});

/** F7 */
describe('a group', () => {
  const group = {
    type: ConversationType.Group,
    peerId: null,
    role: Role.Member,
    ownerId: BOB.userId,
  } as const;

  it('says who leads it', () => {
    show(page(entries(1, 1)), group);
    expect(screen.getByText('Owner')).toBeVisible();
  });

  it('shows whom a message calls, and who that is at a press', async () => {
    const text = 'hello @Carol and @Alice';
    show(page(entries(1, 1, { text, mentions: [CAROL.userId, ALICE.userId] })), group);
    expect(screen.getByText('@Alice')).toHaveClass('called');
    expect(screen.getByText('@Carol')).not.toHaveClass('called');
    await userEvent.click(screen.getByText('@Carol'));
    expect(await screen.findByRole('dialog', { name: 'Carol' })).toBeInTheDocument();
  });
});

describe('what was taken back', () => {
  it('can be written again by who did it, from the composer', async () => {
    show(page(entries(1, 1, { senderId: ALICE.userId, text: 'so long' })));
    await settle();
    act(() => log().querySelector<HTMLElement>('article')?.focus());
    await userEvent.keyboard('{Delete}');
    const question = await screen.findByRole('dialog', { name: 'Take this message back?' });
    await userEvent.click(within(question).getByRole('button', { name: 'Take back' }));
    arrive([makeEntry(CHAT, 2, { type: EntryType.Recall, targetSeq: 1, senderId: ALICE.userId })]);
    await userEvent.click(await screen.findByRole('button', { name: 'Edit again' }));
    expect(useDraftStore.getState().drafts[CHAT]?.text).toBe('so long');
  });
});

describe('a text', () => {
  it('has its links made safe', () => {
    show(page(entries(1, 1, { text: 'see https://a.example/x and javascript:alert(1)' })));
    const link = screen.getByRole('link', { name: 'https://a.example/x' });
    expect(link).toHaveAttribute('rel', 'noopener noreferrer nofollow');
    expect(log().querySelectorAll('article a')).toHaveLength(1);
  });

  it('is never markup', () => {
    show(page(entries(1, 1, { text: '<img src=x onerror=alert(1)>' })));
    expect(log().querySelector('article img')).toBeNull();
    expect(log()).toHaveTextContent('<img src=x onerror=alert(1)>');
  });
});

describe('an upload', () => {
  const file: PendingMessage = {
    ...pending,
    type: EntryType.File,
    text: '',
    upload: { name: 'notes.pdf', size: 20_000_000, mime: 'application/pdf' },
  };

  it('shows how far it got, and can be stopped', async () => {
    show(page(entries(1, 3)));
    act(() => applyEvent({ type: 'messageQueued', message: file }));
    const sent = { conversationId: CHAT, clientMessageId: file.clientMessageId };
    act(() => applyEvent({ type: 'uploadProgressed', ...sent, sent: 12_400_000, total: 20_000_000 }));
    expect(screen.getByRole('progressbar', { name: 'Upload of notes.pdf' })).toHaveAttribute('value', '62');
    expect(screen.getByText('12 MB / 20 MB · 62%')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Cancel the upload of notes.pdf' }));
    expect(fakeClient.discard).toHaveBeenCalledExactlyOnceWith(file.clientMessageId);
  });
});

describe('the composer', () => {
  it('does not draw the log when something is typed', async () => {
    show(page(entries(1, 50)));
    await settle();
    const rows = [...log().querySelectorAll('[data-row]')];
    const observer = vi.fn();
    const mutations = new MutationObserver(observer);
    mutations.observe(log(), { subtree: true, childList: true, attributes: true, characterData: true });
    await userEvent.type(screen.getByRole('textbox', { name: 'Message' }), 'hello');
    expect(observer).not.toHaveBeenCalled();
    expect([...log().querySelectorAll('[data-row]')]).toEqual(rows);
    mutations.disconnect();
  });
});
