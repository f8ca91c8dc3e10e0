import { create } from 'zustand';
import type { ConversationId, Seq, UserId } from '@/types/ids';

/** What the composer is about: an answer, or another text for an own message. */
export type ComposerTarget =
  | { readonly kind: 'reply'; readonly seq: Seq; readonly senderId: UserId; readonly text: string }
  | {
      readonly kind: 'edit';
      readonly seq: Seq;
      readonly text: string;
      readonly mentions: readonly UserId[];
      /** What stood in the composer before, for when the edit is left. */
      readonly draft: string;
    };

export interface ComposerState {
  readonly targets: Readonly<Record<ConversationId, ComposerTarget>>;
  /** Null: a message of its own again. */
  readonly setTarget: (conversationId: ConversationId, target: ComposerTarget | null) => void;
}

export const useComposerStore = create<ComposerState>((set) => ({
  targets: {},
  setTarget: (conversationId, target) =>
    set((state) => {
      const { [conversationId]: _before, ...rest } = state.targets;
      return { targets: target ? { ...rest, [conversationId]: target } : rest };
    }),
}));
