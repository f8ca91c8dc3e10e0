import { useEffect } from 'react';
import { client } from '@/services/client';
import type { ConversationId } from '@/types/ids';
import { useDocumentVisible } from './useDocumentVisible';

/** Tells which conversation is before the user's eyes: what comes there needs no other sign. */
export function useAttention(conversationId: ConversationId | null): void {
  const visible = useDocumentVisible();
  useEffect(() => {
    client.attend(visible ? conversationId : null);
    return () => client.attend(null);
  }, [visible, conversationId]);
}
