import { useCallback, useMemo, useRef, useState } from 'react';
import { client } from '@/services/client';
import type { LogView } from '@/stores/chatStore';
import type { ConversationId } from '@/types/ids';
import { report } from '@/utils/report';

export interface LogPages {
  /** Older messages are on their way. */
  readonly loading: boolean;
  readonly older: () => void;
  readonly newer: () => void;
  /** Opens the log at its end. */
  readonly reopen: () => void;
}

/** Loads what lies before and after the window of a log, one page of each at a time. What fails is asked for again by the next scroll. */
export function useLogPages(id: ConversationId, { entries, first, last }: LogView): LogPages {
  const [loading, setLoading] = useState(false);
  const underWay = useRef({ older: false, newer: false });
  const begin = entries[0]?.seq;
  const end = entries.at(-1)?.seq;

  const load = useCallback((side: 'older' | 'newer', page: () => Promise<unknown>) => {
    if (underWay.current[side]) return;
    underWay.current[side] = true;
    if (side === 'older') setLoading(true);
    page()
      .catch((error: unknown) => report('a part of the log could not be loaded', error))
      .finally(() => {
        underWay.current[side] = false;
        if (side === 'older') setLoading(false);
      });
  }, []);
  const older = useCallback(() => {
    if (!first && begin !== undefined) load('older', () => client.loadOlder(id, begin));
  }, [id, first, begin, load]);
  const newer = useCallback(() => {
    if (!last && end !== undefined) load('newer', () => client.loadNewer(id, end));
  }, [id, last, end, load]);
  const reopen = useCallback(() => {
    client.openLog(id).catch((error: unknown) => report('the log could not be opened', error));
  }, [id]);
  return useMemo(() => ({ loading, older, newer, reopen }), [loading, older, newer, reopen]);
}
