import { useEffect, useRef } from 'react';
import { useChatStore } from '@/stores/chatStore';
import type { ConversationId } from '@/types/ids';

/** Tells when the user sent something in this conversation while it is shown. */
export function useOwnSend(id: ConversationId, onSend: () => void): void {
  const newest = useChatStore((state) => state.pending[id]?.at(-1)?.clientMessageId);
  const count = useChatStore((state) => state.pending[id]?.length ?? 0);
  const before = useRef({ newest, count });
  useEffect(() => {
    const { newest: known, count: had } = before.current;
    before.current = { newest, count };
    // What is stored or deleted leaves the list, and another one is the newest then.
    if (newest !== undefined && newest !== known && count > had) onSend();
  }, [newest, count, onSend]);
}
