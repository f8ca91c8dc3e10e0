import { create } from 'zustand';
import type { ClientEvent } from '@/types/event';
import type { ConversationId, UserId } from '@/types/ids';

/** How long somebody counts as typing, milliseconds ([R15]). */
const SHOWN_MS = 6_000;

export interface TypingState {
  /** When each was last told to type, milliseconds since 1970. */
  readonly typing: Readonly<Record<ConversationId, Readonly<Record<UserId, number>>>>;
}

const EMPTY: TypingState = { typing: {} };

export const useTypingStore = create<TypingState>(() => EMPTY);

export function reduceTyping(state: TypingState, event: ClientEvent): TypingState {
  switch (event.type) {
    case 'signedIn':
    case 'signedOut':
      return EMPTY;
    case 'typingStarted': {
      const { conversationId, userId, at } = event;
      const typing = { ...state.typing[conversationId], [userId]: at };
      return { typing: { ...state.typing, [conversationId]: typing } };
    }
    case 'entriesApplied': {
      const before = state.typing[event.conversation.id];
      if (!before) return state;
      const wrote = new Set<string>(event.entries.map((entry) => entry.senderId));
      const still = Object.entries(before).filter(([userId]) => !wrote.has(userId));
      return { typing: { ...state.typing, [event.conversation.id]: Object.fromEntries(still) } };
    }
    default:
      return state;
  }
}

/** Who types in a conversation at a time, the first first. */
export function typists(state: TypingState, conversationId: ConversationId, now: number): UserId[] {
  const typing = Object.entries(state.typing[conversationId] ?? {}) as [UserId, number][];
  return typing
    .filter(([, at]) => now - at < SHOWN_MS)
    .sort(([, a], [, b]) => a - b)
    .map(([userId]) => userId);
}
