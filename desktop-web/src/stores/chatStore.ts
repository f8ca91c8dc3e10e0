import { create } from 'zustand';
import { ConversationType } from '@/protocol/codes';
import type { Conversation } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import type { ClientEvent, HistoryPage } from '@/types/event';
import type { ClientMessageId, ConversationId } from '@/types/ids';
import type { Pending, PendingChange, PendingMessage } from '@/types/pending';
import { isMuted } from '@/utils/rights';

/** The part of a log that is on the screen: consecutive, up to the newest. */
export interface LogView {
  readonly entries: readonly Entry[];
  /** The first entry of the log is among them. */
  readonly complete: boolean;
}

export interface ChatState {
  /** Local data is there; before that an empty list means nothing. */
  readonly loaded: boolean;
  /** The server's state was seen at least once. */
  readonly synced: boolean;
  readonly conversations: Readonly<Record<ConversationId, Conversation>>;
  readonly logs: Readonly<Record<ConversationId, LogView>>;
  readonly pending: Readonly<Record<ConversationId, readonly PendingMessage[]>>;
  /** Own changes of stored messages that wait; they show at once. */
  readonly changes: Readonly<Record<ConversationId, readonly PendingChange[]>>;
}

const EMPTY: ChatState = {
  loaded: false,
  synced: false,
  conversations: {},
  logs: {},
  pending: {},
  changes: {},
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
        loaded: true,
        conversations: merge(state.conversations, event.conversations),
        ...group(event.pending),
      };
    case 'conversationsChanged':
      return { ...state, conversations: merge(state.conversations, event.conversations) };
    case 'synced':
      return { ...state, synced: true };
    case 'logOpened':
      return { ...state, logs: { ...state.logs, [event.page.conversationId]: event.page } };
    case 'olderLoaded':
      return { ...state, logs: { ...state.logs, ...prepend(state, event.page) } };
    case 'logRestarted': {
      const { [event.conversation.id]: _given, ...logs } = state.logs;
      return { ...state, logs, conversations: merge(state.conversations, [event.conversation]) };
    }
    case 'entriesApplied':
      return applyEntries(state, event.conversation, event.entries);
    case 'messageQueued':
      return changePending(state, event.message.conversationId, (pending) => [
        ...pending.filter((message) => message.clientMessageId !== event.message.clientMessageId),
        event.message,
      ]);
    case 'messageAcknowledged':
      return changeMessage(state, event.conversationId, event.clientMessageId, { state: 'sent' });
    case 'messageFailed':
      return changeMessage(state, event.conversationId, event.clientMessageId, {
        state: 'failed',
        failure: event.code,
      });
    case 'messageDiscarded':
      return changePending(state, event.conversationId, (pending) =>
        pending.filter((message) => message.clientMessageId !== event.clientMessageId),
      );
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

function applyEntries(state: ChatState, conversation: Conversation, entries: readonly Entry[]): ChatState {
  const settled = settle(state, conversation.id, new Set(entries.map((entry) => entry.clientMessageId)));
  const log = state.logs[conversation.id];
  const tip = log?.entries.at(-1)?.seq ?? (entries[0]?.seq ?? 1) - 1;
  // A log that was opened before these came holds some of them already.
  const logs = log
    ? {
        ...state.logs,
        [conversation.id]: {
          ...log,
          entries: [...log.entries, ...entries.filter((entry) => entry.seq > tip)],
        },
      }
    : state.logs;
  return { ...settled, logs, conversations: merge(state.conversations, [conversation]) };
}

function prepend(state: ChatState, page: HistoryPage): Record<ConversationId, LogView> {
  const log = state.logs[page.conversationId];
  const first = log?.entries[0];
  // The log was closed or started anew while the page was on its way.
  if (!log || !first) return {};
  const entries = page.entries.filter((entry) => entry.seq < first.seq);
  if (entries.length > 0 && entries.at(-1)?.seq !== first.seq - 1) return {};
  return {
    [page.conversationId]: {
      entries: [...entries, ...log.entries],
      complete: page.complete || first.seq === 1,
    },
  };
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
  const rest = changePending(state, conversationId, (pending) => pending.filter(waits));
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
