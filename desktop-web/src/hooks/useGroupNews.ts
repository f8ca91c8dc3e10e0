import { useCallback, useEffect, useState } from 'react';
import type { Code } from '@/protocol/codes';
import { client } from '@/services/client';
import { useConnectionStore } from '@/stores/connectionStore';
import { useGroupStore } from '@/stores/groupStore';
import type { ConversationId } from '@/types/ids';
import { errorCode } from '@/utils/failure';

/** Of much that happens at once the last is waited for, milliseconds. */
const CALM_MS = 400;

export interface GroupNews {
  /** Why the group could not be read; null when it could, or while it is read. */
  readonly failure: Code | null;
  readonly reload: () => void;
}

/** Reads a group as it is shown, again after something happened to its face or members, and when a connection is back. */
export function useGroupNews(id: ConversationId, isMember: boolean): GroupNews {
  const news = useGroupStore((state) => state.news[id] ?? 0);
  const offline = useConnectionStore(({ connection }) => connection.phase === 'offline');
  const [failure, setFailure] = useState<Code | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (!isMember || offline) return;
    let gone = false;
    const load = () =>
      void client.loadGroup(id).then(
        () => !gone && setFailure(null),
        (error: unknown) => !gone && setFailure(errorCode(error)),
      );
    const timer = news === 0 ? undefined : setTimeout(load, CALM_MS);
    if (news === 0) load();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [id, isMember, news, offline, attempt]);
  const reload = useCallback(() => {
    setFailure(null);
    setAttempt((before) => before + 1);
  }, []);
  return { failure, reload };
}
