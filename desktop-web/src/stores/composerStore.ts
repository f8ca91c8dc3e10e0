import { create } from 'zustand';
import type { ClientEvent } from '@/types/event';
import type { ConversationId, Seq, UserId } from '@/types/ids';

/** What the composer is about: an answer, or another text for an own message. */
export type ComposerTarget =
  | { readonly kind: 'reply'; readonly seq: Seq; readonly senderId: UserId; readonly text: string }
  | {
      readonly kind: 'edit';
      readonly seq: Seq;
      /** As it is stored. */
      readonly text: string;
      readonly mentions: readonly UserId[];
      /** What was made of it, when the chat was left in the middle. */
      readonly typed?: string;
    };

/** A file that was chosen and not sent. */
export interface Attachment {
  readonly id: string;
  readonly file: File;
}

export interface ComposerState {
  readonly targets: Readonly<Record<ConversationId, ComposerTarget>>;
  readonly attachments: Readonly<Record<ConversationId, readonly Attachment[]>>;
  /** Null: a message of its own again. The draft is not touched: an edit has its own text. */
  readonly setTarget: (conversationId: ConversationId, target: ComposerTarget | null) => void;
  readonly attach: (conversationId: ConversationId, files: readonly File[]) => void;
  readonly detach: (conversationId: ConversationId, id: string) => void;
  readonly clearAttachments: (conversationId: ConversationId) => void;
}

/** Of this page, for their ids. */
let attachmentCount = 0;

const EMPTY: Pick<ComposerState, 'targets' | 'attachments'> = { targets: {}, attachments: {} };

/** What each composer holds besides its text. It stays while another chat is on the screen. */
export const useComposerStore = create<ComposerState>((set) => {
  const change = (
    conversationId: ConversationId,
    next: (before: readonly Attachment[]) => readonly Attachment[],
  ) =>
    set(({ attachments }) => ({
      attachments: { ...attachments, [conversationId]: next(attachments[conversationId] ?? []) },
    }));
  return {
    ...EMPTY,
    setTarget: (conversationId, target) =>
      set((state) => {
        const { [conversationId]: _before, ...rest } = state.targets;
        return { targets: target ? { ...rest, [conversationId]: target } : rest };
      }),
    attach: (conversationId, files) =>
      change(conversationId, (before) => [
        ...before,
        ...files.map((file) => ({ id: String((attachmentCount += 1)), file })),
      ]),
    detach: (conversationId, id) =>
      change(conversationId, (before) => before.filter((attachment) => attachment.id !== id)),
    clearAttachments: (conversationId) => change(conversationId, () => []),
  };
});

/** Another user begins with nothing. */
export function reduceComposer(state: ComposerState, event: ClientEvent): ComposerState {
  return event.type === 'signedIn' || event.type === 'signedOut' ? { ...state, ...EMPTY } : state;
}
