import { create } from 'zustand';
import type { Conversation } from '@/types/conversation';
import type { ClientEvent } from '@/types/event';
import type { ConversationId } from '@/types/ids';

export interface DraftState {
  readonly drafts: Readonly<Record<ConversationId, string>>;
  /** The newest draft that the server told of each conversation, so that each is taken over once. */
  readonly told: Readonly<Record<ConversationId, number>>;
  readonly setDraft: (conversationId: ConversationId, text: string) => void;
}

/** What was typed and not sent, per conversation; another device's draft too, where nothing was typed here. */
export const useDraftStore = create<DraftState>((set) => ({
  drafts: {},
  told: {},
  setDraft: (conversationId, text) =>
    set((state) => ({ drafts: { ...state.drafts, [conversationId]: text } })),
}));

export function reduceDrafts(state: DraftState, event: ClientEvent): DraftState {
  switch (event.type) {
    case 'signedIn':
    case 'signedOut':
      return { ...state, drafts: {}, told: {} };
    case 'localDataLoaded':
    case 'conversationsChanged':
      return event.conversations.reduce(takeOver, state);
    default:
      return state;
  }
}

function takeOver(state: DraftState, { id, draft, draftAt }: Conversation): DraftState {
  if (draftAt <= (state.told[id] ?? 0)) return state;
  const told = { ...state.told, [id]: draftAt };
  // What is being typed here is not touched.
  if (state.drafts[id]) return { ...state, told };
  return { ...state, told, drafts: { ...state.drafts, [id]: draft } };
}
