import { create } from 'zustand';
import type { ConversationId } from '@/types/ids';

export interface DraftState {
  readonly drafts: Readonly<Record<ConversationId, string>>;
  readonly setDraft: (conversationId: ConversationId, text: string) => void;
}

/** What was typed and not sent, per conversation. */
export const useDraftStore = create<DraftState>((set) => ({
  drafts: {},
  setDraft: (conversationId, text) =>
    set((state) => ({ drafts: { ...state.drafts, [conversationId]: text } })),
}));
