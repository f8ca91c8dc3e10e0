import { create } from 'zustand';
import { ConversationType } from '@/protocol/codes';
import type { Conversation } from '@/types/conversation';
import type { ClientEvent, LogPage } from '@/types/event';
import type { ClientMessageId, ConversationId } from '@/types/ids';
import type { Pending, PendingChange, PendingMessage } from '@/types/pending';
import { isMuted } from '@/utils/rights';
import { keepChanges, takeQuotes } from './logQuotes';
import {
  appendPage,
  closeLog,
  enterEntries,
  NO_LOGS,
  openLog,
  prependPage,
  reviewEnds,
  type LogViews,
} from './logViews';

export { MAX_LOGS, MAX_WINDOW, type LogView } from './logViews';

/**
 * What is bounded by what: a log by its window and their number (logViews.ts), what is answered in it by MAX_QUOTES; the conversations
 * by those of the user; pending and changes by what was written and is not stored yet; uploads by the pending messages about files.
 */
export interface ChatState extends LogViews {
  /** Local data is there; before that an empty list means nothing. */
  readonly loaded: boolean;
  /** The server's state was seen at least once. */
  readonly synced: boolean;
  readonly conversations: Readonly<Record<ConversationId, Conversation>>;
  readonly pending: Readonly<Record<ConversationId, readonly PendingMessage[]>>;
  /** Own changes of stored messages that wait; they show at once. */
  readonly changes: Readonly<Record<ConversationId, readonly PendingChange[]>>;
  /** How far the files of pending messages are up, bytes. */
  readonly uploads: Readonly<Record<ClientMessageId, UploadProgress>>;
}

export interface UploadProgress {
  readonly sent: number;
  readonly total: number;
}

const EMPTY: ChatState = {
  loaded: false,
  synced: false,
  conversations: {},
  ...NO_LOGS,
  pending: {},
  changes: {},
  uploads: {},
};

export const useChatStore = create<ChatState>(() => EMPTY);

export function reduceChats(state: ChatState, event: ClientEvent): ChatState {
  switch (event.type) {
    case 'signedIn':
    case 'signedOut':
      return EMPTY;
    case 'localDataLoaded':
      return {
        ...state,
        ...reviewEnds(state, event.conversations),
        loaded: true,
        conversations: merge(state.conversations, event.conversations),
        ...group(event.pending.filter((item) => !isStored(state, item))),
      };
    case 'conversationsChanged':
      return { ...state, conversations: merge(state.conversations, event.conversations) };
    case 'synced':
      return { ...state, synced: true };
    case 'logOpened':
      return withPage({ ...state, ...openLog(state, event.page) }, event.page);
    case 'olderLoaded':
      return withPage({ ...state, ...prependPage(state, event.page) }, event.page);
    case 'newerLoaded':
      return withPage({ ...state, ...appendPage(state, event.page) }, event.page);
    case 'quotesLoaded':
      return { ...state, ...takeQuotes(state, event.page) };
    case 'logRestarted':
      return {
        ...state,
        ...closeLog(state, event.conversation.id),
        conversations: merge(state.conversations, [event.conversation]),
      };
    case 'entriesApplied': {
      const { conversation, entries } = event;
      const settled = settle(state, conversation.id, new Set(entries.map((entry) => entry.clientMessageId)));
      return {
        ...settled,
        ...keepChanges(enterEntries(settled, conversation.id, entries), conversation.id, entries),
        conversations: merge(state.conversations, [conversation]),
      };
    }
    case 'messageQueued':
      if (isStored(state, event.message)) return state;
      return changePending(state, event.message.conversationId, (pending) => put(pending, event.message));
    case 'uploadProgressed': {
      const { clientMessageId, sent, total } = event;
      return { ...state, uploads: { ...state.uploads, [clientMessageId]: { sent, total } } };
    }
    case 'messageAcknowledged':
      return changeMessage(state, event.conversationId, event.clientMessageId, { state: 'sent' });
    case 'messageFailed':
      return changeMessage(state, event.conversationId, event.clientMessageId, {
        state: 'failed',
        failure: event.code,
      });
    case 'messageDiscarded':
      return settle(state, event.conversationId, new Set([event.clientMessageId]));
    case 'changeQueued':
      return changeChanges(state, event.change.conversationId, (changes) => [...changes, event.change]);
    case 'changeRefused':
      return settle(state, event.change.conversationId, new Set([event.change.clientMessageId]));
    case 'pendingSettled':
      return settle(state, event.conversationId, new Set([event.clientMessageId]));
    default:
      return state;
  }
}

/** A page brings changes of answered messages, too, that nothing else told this tab of. */
function withPage(state: ChatState, { conversationId, entries, about }: LogPage): ChatState {
  return { ...state, ...keepChanges(state, conversationId, [...entries, ...about]) };
}

/**
 * What the list shows: all but the world chat and what is hidden; first what is pinned, the last pinned first, then by activity. A
 * message that waits here counts as activity.
 */
export function orderedConversations(state: Pick<ChatState, 'conversations' | 'pending'>): Conversation[] {
  const activity = (conversation: Conversation) =>
    Math.max(conversation.activity, state.pending[conversation.id]?.at(-1)?.createdAt ?? 0);
  return listed(state).sort(
    (a, b) => b.pinnedAt - a.pinnedAt || activity(b) - activity(a) || (a.id < b.id ? 1 : -1),
  );
}

/** What asks for attention: not what is muted or put away. */
export function totalUnread(state: Pick<ChatState, 'conversations'>): number {
  const now = Date.now();
  return listed(state)
    .filter((conversation) => !isMuted(conversation, now) && !conversation.archived)
    .reduce((sum, conversation) => sum + conversation.unread, 0);
}

/** The world chat has its own place in the navigation, and an operator who said nothing needs none. */
function listed(state: Pick<ChatState, 'conversations'>): Conversation[] {
  return Object.values(state.conversations).filter(
    ({ type, tipSeq, hidden }) =>
      type !== ConversationType.World && !hidden && !(type === ConversationType.System && tipSeq === 0),
  );
}

/**
 * The log has it: the tab that takes over from another one may not know yet what that one still told, and sends it again. It is shown
 * once.
 */
function isStored({ logs }: ChatState, { conversationId, clientMessageId }: Pending): boolean {
  return logs[conversationId]?.entries.some((entry) => entry.clientMessageId === clientMessageId) ?? false;
}

/** In the place where it stands, or at the end. */
function put(pending: readonly PendingMessage[], message: PendingMessage): readonly PendingMessage[] {
  const known = pending.some(({ clientMessageId }) => clientMessageId === message.clientMessageId);
  if (!known) return [...pending, message];
  return pending.map((one) => (one.clientMessageId === message.clientMessageId ? message : one));
}

function changeMessage(
  state: ChatState,
  conversationId: ConversationId,
  id: ClientMessageId,
  change: Partial<PendingMessage>,
): ChatState {
  return changePending(state, conversationId, (pending) =>
    pending.map((message) => (message.clientMessageId === id ? { ...message, ...change } : message)),
  );
}

/** These wait no longer. */
function settle(
  state: ChatState,
  conversationId: ConversationId,
  done: ReadonlySet<ClientMessageId>,
): ChatState {
  const waits = ({ clientMessageId }: Pending) => !done.has(clientMessageId);
  // Most entries are of others and settle nothing: what did not change stays the same object.
  const waiting = [...(state.pending[conversationId] ?? []), ...(state.changes[conversationId] ?? [])];
  if (waiting.every(waits)) return state;
  const uploads = Object.fromEntries(
    Object.entries(state.uploads).filter(([id]) => !done.has(id as ClientMessageId)),
  );
  const rest = changePending({ ...state, uploads }, conversationId, (pending) => pending.filter(waits));
  return changeChanges(rest, conversationId, (changes) => changes.filter(waits));
}

function changeChanges(
  state: ChatState,
  conversationId: ConversationId,
  change: (changes: readonly PendingChange[]) => readonly PendingChange[],
): ChatState {
  const before = state.changes[conversationId] ?? [];
  const after = change(before);
  if (after.length === before.length) return state;
  return { ...state, changes: { ...state.changes, [conversationId]: after } };
}

function changePending(
  state: ChatState,
  conversationId: ConversationId,
  change: (pending: readonly PendingMessage[]) => readonly PendingMessage[],
): ChatState {
  return {
    ...state,
    pending: { ...state.pending, [conversationId]: change(state.pending[conversationId] ?? []) },
  };
}

function merge(
  known: ChatState['conversations'],
  changed: readonly Conversation[],
): ChatState['conversations'] {
  return { ...known, ...Object.fromEntries(changed.map((conversation) => [conversation.id, conversation])) };
}

function group(items: readonly Pending[]): Pick<ChatState, 'pending' | 'changes'> {
  const pending: Record<ConversationId, PendingMessage[]> = {};
  const changes: Record<ConversationId, PendingChange[]> = {};
  for (const item of items) {
    if (item.kind === 'message') (pending[item.conversationId] ??= []).push(item);
    else (changes[item.conversationId] ??= []).push(item);
  }
  return { pending, changes };
}
