import { typists, useTypingStore } from '@/stores/typingStore';
import type { ConversationId, UserId } from '@/types/ids';
import { useNow } from './useNow';

const NOBODY: readonly UserId[] = [];

/** Who is typing in a conversation now. */
export function useTypists(conversationId: ConversationId): readonly UserId[] {
  const known = useTypingStore((state) => state.typing[conversationId]);
  const now = useNow(1_000, known !== undefined && Object.keys(known).length > 0);
  return known ? typists({ typing: { [conversationId]: known } }, conversationId, now) : NOBODY;
}
