import { create } from 'zustand';
import type { Conversation } from '@/types/conversation';
import type { ClientEvent } from '@/types/event';
import type { ConversationId, UserId } from '@/types/ids';
import type { Mention } from '@/utils/mentions';
import { forgetDrafts, keepDraft, keptDrafts, watchDrafts } from './draftMemory';

/** What was typed in one conversation and not sent. */
export interface Draft {
  readonly text: string;
  /** Whom it calls by name; another device's draft says nothing of them. */
  readonly mentions: readonly Mention[];
  /** When it was typed here, or told by the server; milliseconds since 1970. */
  readonly at: number;
}

export interface DraftState {
  readonly owner: UserId | null;
  readonly drafts: Readonly<Record<ConversationId, Draft>>;
  /** The newest draft of each conversation that the server told. */
  readonly told: Readonly<Record<ConversationId, Pick<Draft, 'text' | 'at'>>>;
  readonly setDraft: (conversationId: ConversationId, text: string, mentions?: readonly Mention[]) => void;
}

/**
 * What was typed and not sent, per conversation, of this device until another one wrote later. It outlives a reload: each change is
 * kept in localStorage, which other tabs hear of.
 */
export const useDraftStore = create<DraftState>((set, get) => ({
  owner: null,
  drafts: {},
  told: {},
  setDraft: (conversationId, text, mentions = []) => {
    const draft = { text, mentions, at: Date.now() };
    const { owner, drafts } = get();
    set({ drafts: { ...drafts, [conversationId]: draft } });
    if (owner) keepDraft(owner, conversationId, draft);
  },
}));

// Another tab writes. For as long as the page lives.
watchDrafts(
  () => useDraftStore.getState().owner,
  (conversationId, draft) =>
    useDraftStore.setState(({ drafts }) => ({ drafts: { ...drafts, [conversationId]: draft } })),
);

export function reduceDrafts(state: DraftState, event: ClientEvent): DraftState {
  switch (event.type) {
    case 'signedIn':
      return {
        ...state,
        owner: event.account.userId,
        drafts: keptDrafts(event.account.userId),
        told: {},
      };
    case 'signedOut':
      // Who has to sign in anew finds what they typed.
      if (state.owner && event.chosen) forgetDrafts(state.owner);
      return { ...state, owner: null, drafts: {}, told: {} };
    case 'localDataLoaded':
    case 'conversationsChanged':
      return event.conversations.reduce(takeOver, state);
    default:
      return state;
  }
}

/** The text of a draft; none is the empty one. */
export function draftText(state: Pick<DraftState, 'drafts'>, conversationId: ConversationId): string {
  return state.drafts[conversationId]?.text ?? '';
}

/** A draft of another device comes in, except where something was typed here that the server does not know. */
function takeOver(state: DraftState, { id, draft, draftAt }: Conversation): DraftState {
  const before = state.told[id];
  if (draftAt <= (before?.at ?? 0)) return state;
  const told = { ...state.told, [id]: { text: draft, at: draftAt } };
  const mine = state.drafts[id];
  const isTouched = mine !== undefined && mine.text !== before?.text;
  // What was sent is gone from here, and must not come back as the draft that it was.
  if (isTouched && (mine.text !== '' || draftAt <= mine.at)) return { ...state, told };
  if (mine?.text === draft) return { ...state, told };
  return { ...state, told, drafts: { ...state.drafts, [id]: { text: draft, mentions: [], at: draftAt } } };
}
