import { useFeedback } from './useFeedback';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Code } from '@/protocol/codes';
import { client } from '@/services/client';
import { useConnectionStore } from '@/stores/connectionStore';
import type { ConversationId, Seq } from '@/types/ids';
import { errorCode } from '@/utils/failure';
import type { LogRow } from '@/utils/logRows';
import { t } from '@/utils/t';
import type { LogScroll, Place } from './useLogScroll';

/** So long a message is outlined that somebody was led to, milliseconds. */
const OUTLINE_MS = 1_200;

/** The message that an address leads to. */
export interface LogTarget {
  readonly seq: Seq;
  /** Another one for each time that somebody goes there. */
  readonly visit: string;
}

export interface LogAim {
  /** Where somebody was led last. */
  readonly current: Seq | null;
  readonly outlined: Seq | null;
  /** Goes to a message, in another window of the log if it has to; says when it is not there any more. */
  readonly goTo: (seq: Seq) => void;
}

/** Leads to messages: that of the address, and those that are answered. */
export function useLogTarget(
  id: ConversationId,
  target: LogTarget | null,
  rows: readonly LogRow[],
  scroll: Pick<LogScroll, 'goTo' | 'forget'>,
): LogAim {
  const { message } = useFeedback();
  const [current, setCurrent] = useState<Seq | null>(target?.seq ?? null);
  const [outlined, setOutlined] = useState<Seq | null>(target?.seq ?? null);
  const latest = useRef(scroll);
  useEffect(() => {
    latest.current = scroll;
  });

  // What could not be asked for without a connection is asked for with the next one.
  const online = useConnectionStore(({ connection }) => connection.phase === 'online');
  const [awaiting, setAwaiting] = useState<Seq | null>(null);

  const lead = useCallback(
    (seq: Seq, otherwise: Place | null) => {
      setCurrent(seq);
      setOutlined(seq);
      setAwaiting(null);
      if (latest.current.goTo({ kind: 'message', seq })) return;
      client.openLog(id, seq).catch((error: unknown) => {
        latest.current.forget();
        if (otherwise) latest.current.goTo(otherwise);
        if (errorCode(error) === Code.Unavailable) return setAwaiting(seq);
        setCurrent(null);
        setOutlined(null);
        void message.info(t('quoteGone'));
      });
    },
    [id, message],
  );
  useEffect(() => {
    if (!online || awaiting === null) return;
    // After the answer that put it off, not within it.
    const timer = setTimeout(() => lead(awaiting, null));
    return () => clearTimeout(timer);
  }, [online, awaiting, lead]);
  const goTo = useCallback((seq: Seq) => lead(seq, null), [lead]);

  // Once for each time that somebody comes by the address; a log that was just opened has no other place.
  const visited = useRef<string | null>(null);
  useEffect(() => {
    if (!target || visited.current === target.visit) return;
    const isFirst = visited.current === null;
    visited.current = target.visit;
    lead(target.seq, isFirst ? { kind: 'unread' } : null);
  }, [target, lead]);

  const isShown = outlined !== null && rows.some((row) => 'seq' in row && row.seq === outlined);
  useEffect(() => {
    if (!isShown) return;
    const timer = setTimeout(() => setOutlined(null), OUTLINE_MS);
    return () => clearTimeout(timer);
  }, [isShown, outlined]);

  return { current, outlined, goTo };
}
