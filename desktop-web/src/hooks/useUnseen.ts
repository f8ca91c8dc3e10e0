import { useMemo, useState } from 'react';
import { ConversationType } from '@/protocol/codes';
import type { Conversation } from '@/types/conversation';
import type { Seq } from '@/types/ids';
import type { LogRow } from '@/utils/logRows';

export interface Unseen {
  /** Messages of others that were not on the screen. */
  readonly count: number;
  /** Of the rows those that call the user and were not on the screen since the log was opened, the first first. */
  readonly mentions: readonly Seq[];
}

/** What of a log was not seen yet. `visible`: the first and last row on the screen. */
export function useUnseen(
  { type, unread, readSeq }: Conversation,
  rows: readonly LogRow[],
  visible: readonly [number, number],
  atEnd: boolean,
): Unseen {
  const [openedAt] = useState(readSeq);
  const [seen, setSeen] = useState<ReadonlySet<Seq>>(new Set());
  const newest = newestSeq(rows);
  const [endSeq, setEndSeq] = useState(newest);

  const [from, to] = visible;
  const fresh = rows
    .slice(from, to + 1)
    .flatMap((row) =>
      row.kind === 'message' && row.calls && row.seq !== null && !seen.has(row.seq) ? [row.seq] : [],
    );
  if (fresh.length > 0) setSeen(new Set([...seen, ...fresh]));
  if (atEnd && newest > endSeq) setEndSeq(newest);

  const mentions = useMemo(
    () =>
      rows.flatMap((row) =>
        row.kind === 'message' && row.calls && row.seq !== null && row.seq > openedAt && !seen.has(row.seq)
          ? [row.seq]
          : [],
      ),
    [rows, openedAt, seen],
  );
  // Nothing counts as unread in the world chat: what came since the end was left does.
  const isWorld = type === ConversationType.World;
  const count = isWorld
    ? rows.filter((row) => row.kind === 'message' && !row.own && (row.seq ?? 0) > endSeq).length
    : unread;
  return { count, mentions };
}

function newestSeq(rows: readonly LogRow[]): Seq {
  const row = rows.findLast((one) => 'seq' in one && one.seq !== null);
  return row && 'seq' in row ? (row.seq ?? 0) : 0;
}
