import { useCallback, useEffect, useRef, useState } from 'react';
import { client } from '@/services/client';
import { useChatStore, type LogView } from '@/stores/chatStore';
import { useConnectionStore } from '@/stores/connectionStore';
import type { ConversationId, Seq } from '@/types/ids';

export interface OpenLog {
  /** Undefined until there is something to show. */
  readonly log: LogView | undefined;
  /** It could not be opened, and there is nothing to show. */
  readonly failed: boolean;
  readonly retry: () => void;
}

/**
 * The log of a conversation that is shown: opened at its end, or around `at`, when the conversation is entered; opened again when it was
 * closed, and when a connection brings what could not be had before.
 */
export function useOpenLog(id: ConversationId, at: Seq | null): OpenLog {
  const log = useChatStore((state) => state.logs[id]);
  const online = useConnectionStore(({ connection }) => connection.phase === 'online');
  const offline = useConnectionStore(({ connection }) => connection.phase === 'offline');
  const isWritten = useChatStore((state) => (state.pending[id]?.length ?? 0) > 0);
  const [failed, setFailed] = useState<ConversationId | null>(null);
  const aim = useRef(at);
  const entered = useRef<ConversationId | null>(null);
  useEffect(() => {
    aim.current = at;
  });

  const open = useCallback(
    (seq: Seq | null) => {
      const atEnd = () => client.openLog(id);
      const tell = (failure: ConversationId | null) => {
        // One that was left is opened anew when somebody comes back.
        if (entered.current === id) setFailed(failure);
      };
      // The message may not be there any more; the conversation is.
      const opened = seq === null ? atEnd() : client.openLog(id, seq).catch(atEnd);
      opened.then(
        () => tell(null),
        () => tell(id),
      );
    },
    [id],
  );

  const isOpen = log !== undefined;
  const isEmpty = log !== undefined && log.entries.length === 0 && !log.first;
  useEffect(() => {
    const isEntered = entered.current !== id;
    entered.current = id;
    // A window that was left in the middle of the log: who comes in again comes to the end.
    const isElsewhere = isEntered && aim.current === null && log !== undefined && !log.last;
    if (!isOpen || isElsewhere || (isEmpty && online)) open(isEntered ? aim.current : null);
    // The log's window moves all the time, which opens nothing.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [id, isOpen, isEmpty, online, open]);

  const retry = useCallback(() => {
    setFailed(null);
    if (offline) client.retryNow();
    open(aim.current);
  }, [open, offline]);
  // An empty page that is not the first says that this device holds nothing; what was written here shows all the same.
  const isAwaited = !isOpen || (isEmpty && !isWritten);
  return {
    log: isAwaited ? undefined : log,
    failed: isAwaited && (failed === id || (isEmpty && offline)),
    retry,
  };
}
