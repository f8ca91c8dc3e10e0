import { useCallback } from 'react';
import { useNavigate } from 'react-router';
import { client } from '@/services/client';
import { useChatStore } from '@/stores/chatStore';
import type { UserId } from '@/types/ids';

/** Goes to the chat with a user; one that is known opens without a network. Rejects when it cannot be made. */
export function useOpenChat(): (peerId: UserId) => Promise<void> {
  const navigate = useNavigate();
  return useCallback(
    async (peerId) => {
      const known = Object.values(useChatStore.getState().conversations).find((one) => one.peerId === peerId);
      const id = known?.id ?? (await client.openConversation(peerId));
      await navigate(`/chats/${id}`);
    },
    [navigate],
  );
}
