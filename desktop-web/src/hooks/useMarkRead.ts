import { useEffect } from 'react';
import { client } from '@/services/client';
import type { Conversation } from '@/types/conversation';
import { useDocumentVisible } from './useDocumentVisible';

/** Moves the read position when the end of a log is on a visible screen. */
export function useMarkRead(conversation: Conversation, atEnd: boolean): void {
  const visible = useDocumentVisible();
  const { id, tipSeq, unread } = conversation;
  useEffect(() => {
    // Own messages are not unread: sending one does not have to be reported as reading.
    if (visible && atEnd && unread > 0) client.markRead(id);
  }, [visible, atEnd, id, tipSeq, unread]);
}
