import { useMemo } from 'react';
import { ConversationType } from '@/protocol/codes';
import { orderedConversations, useChatStore } from '@/stores/chatStore';
import type { Conversation } from '@/types/conversation';

/** Which conversations the list shows. What is archived is in no other part. */
export type ListFilter = 'all' | 'private' | 'groups' | 'unread' | 'archived';

/** The conversations of the list in their order. The chosen one stays among the unread ones while it is read. */
export function useConversationRows(
  filter: ListFilter,
  selectedId: string | undefined,
): readonly Conversation[] {
  const conversations = useChatStore((state) => state.conversations);
  const pending = useChatStore((state) => state.pending);
  const ordered = useMemo(() => orderedConversations({ conversations, pending }), [conversations, pending]);
  return useMemo(
    () => ordered.filter((one) => belongs(one, filter, selectedId)),
    [ordered, filter, selectedId],
  );
}

function belongs(
  { id, type, archived, unread }: Conversation,
  filter: ListFilter,
  selectedId: string | undefined,
): boolean {
  if (archived !== (filter === 'archived')) return false;
  switch (filter) {
    case 'private':
      return type === ConversationType.Private;
    case 'groups':
      return type === ConversationType.Group;
    case 'unread':
      return unread > 0 || id === selectedId;
    default:
      return true;
  }
}
