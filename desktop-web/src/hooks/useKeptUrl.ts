import { useMemo } from 'react';
import { client } from '@/services/client';
import type { ConversationId, Seq } from '@/types/ids';
import { useBlobUrl } from './useBlobUrl';

/** An address of what this device keeps of a picture, for when the server is not reached; null: nothing, or not yet. */
export function useKeptUrl(conversationId: ConversationId, seq: Seq | null): string | null {
  return useBlobUrl(
    useMemo(
      () => (seq === null ? null : () => client.keptPicture(conversationId, seq)),
      [conversationId, seq],
    ),
  );
}
