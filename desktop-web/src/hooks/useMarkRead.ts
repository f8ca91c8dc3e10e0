import { useEffect } from 'react';
import { client } from '@/services/client';
import type { Conversation } from '@/types/conversation';
import type { Seq } from '@/types/ids';
import { seqOf, type LogRow } from '@/utils/logRows';
import { useDocumentVisible } from './useDocumentVisible';
import type { LogScroll } from './useLogScroll';

/** Who scrolls on sooner has not read what was on the screen, milliseconds. */
const DWELL_MS = 400;

/** Moves the read position with what is on a visible screen, once the log is where it opens: being opened is not being read. */
export function useMarkRead(
  { id, tipSeq, readSeq, unread }: Conversation,
  rows: readonly LogRow[],
  { visible: [, to], atEnd, isSettled }: Pick<LogScroll, 'visible' | 'atEnd' | 'isSettled'>,
): void {
  const seen = useDocumentVisible();
  // Own messages are not unread: sending one does not have to be reported as reading.
  const reads = seen && isSettled && unread > 0;
  // The last row of a screen may be cut off.
  const reached = lastSeqBefore(rows, to);
  useEffect(() => {
    if (reads && atEnd) client.markRead(id);
  }, [reads, atEnd, id, tipSeq]);
  useEffect(() => {
    if (!reads || atEnd || reached <= readSeq) return;
    const timer = setTimeout(() => client.markRead(id, reached), DWELL_MS);
    return () => clearTimeout(timer);
  }, [reads, atEnd, id, reached, readSeq]);
}

function lastSeqBefore(rows: readonly LogRow[], end: number): Seq {
  for (let index = Math.min(end, rows.length) - 1; index >= 0; index -= 1) {
    const row = rows[index];
    const seq = row && seqOf(row);
    if (seq) return seq;
  }
  return 0;
}
