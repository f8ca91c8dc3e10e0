import { useMemo, useState } from 'react';
import { useChatStore, type LogView } from '@/stores/chatStore';
import type { Conversation } from '@/types/conversation';
import type { Seq, UserId } from '@/types/ids';
import type { PendingChange, PendingMessage } from '@/types/pending';
import { LogLayout } from '@/utils/logLayout';
import type { LogRow } from '@/utils/logRows';

const NO_PENDING: readonly PendingMessage[] = [];
const NO_CHANGES: readonly PendingChange[] = [];

/** The rows of a log; the same objects as long as they say the same. */
export function useLogRows(
  { id, peerReadSeq, peerDeliveredSeq }: Conversation,
  log: LogView,
  self: UserId,
  unreadAfter: Seq | null,
): readonly LogRow[] {
  const pending = useChatStore((state) => state.pending[id]) ?? NO_PENDING;
  const changes = useChatStore((state) => state.changes[id]) ?? NO_CHANGES;
  const quotes = useChatStore((state) => state.quotes[id]);
  const [layout] = useState(() => new LogLayout(self));
  return useMemo(
    () => layout.rows({ log, pending, changes, quotes, peerReadSeq, peerDeliveredSeq, unreadAfter }),
    [layout, log, pending, changes, quotes, peerReadSeq, peerDeliveredSeq, unreadAfter],
  );
}
