import type { ConversationState } from '@/protocol/frames';
import type { Conversation } from '@/types/conversation';
import type { Entry } from '@/types/entry';

// Parts of the state of a conversation, for one that is told while another is held ([R9]).

export function newer(one: Entry | null, other: Entry | null): Entry | null {
  if (!one || !other) return one ?? other;
  return other.seq >= one.seq ? other : one;
}

/** What entries move ([E9]) that an older state does not know. */
export function movedByEntries(own: Conversation): Partial<Conversation> {
  const {
    tipSeq,
    activity,
    hidden,
    role,
    untilSeq,
    silenced,
    silencedUntil,
    name,
    avatar,
    ownerId,
    memberCount,
  } = own;
  return {
    tipSeq,
    activity,
    hidden,
    role,
    untilSeq,
    silenced,
    silencedUntil,
    name,
    avatar,
    ownerId,
    memberCount,
  };
}

export function settingsOf({
  pinnedAt,
  mutedUntil,
  archived,
  hidden,
  draft,
  draftAt,
}: Conversation): Partial<Conversation> {
  return { pinnedAt, mutedUntil, archived, hidden, draft, draftAt };
}

export function toConversation(state: ConversationState): Conversation {
  const { conversationId, ...rest } = state;
  return { id: conversationId, ...rest };
}
