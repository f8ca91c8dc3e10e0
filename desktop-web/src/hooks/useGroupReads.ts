import { useCallback, useEffect, useRef, useState } from 'react';
import { client } from '@/services/client';
import type { Conversation } from '@/types/conversation';
import type { Seq, UserId } from '@/types/ids';
import type { Receipts } from '@/types/receipts';
import type { LogRow } from '@/utils/logRows';
import { useDocumentVisible } from './useDocumentVisible';

/** Positions of a burst of readers are asked for once, milliseconds. */
const GATHER_MS = 600;

/** Only the member who read furthest is told of by the server; the others are asked for this often while somebody looks, milliseconds. */
const AGAIN_MS = 20_000;

/** Pages of members that are asked for: larger groups say only what the first ones give. */
const MAX_PAGES = 3;

interface Reads {
  readonly seq: Seq;
  readonly readSeqs: readonly Seq[];
  readonly members: number;
}

/**
 * How many members of a group have read an own message. Read positions are cumulative: one answer about the newest own message says it of
 * all. It is asked for while an own message is on a screen that somebody can see. Null where it is not known.
 */
export function useGroupReads(
  { id, peerReadSeq }: Conversation,
  rows: readonly LogRow[],
  /** Rows on the screen. */
  [from, to]: readonly [number, number],
  active: boolean,
): (row: LogRow) => number | null {
  const [reads, setReads] = useState<Reads | null>(null);
  const asked = useRef({ about: '', at: 0 });
  const visible = useDocumentVisible();
  const newest = active ? newestOwn(rows) : null;
  const asks = newest !== null && visible && rows.slice(from, to + 1).some(isStoredOwn);
  const isComplete = reads !== null && reads.seq === newest && reads.readSeqs.length >= reads.members;

  useEffect(() => {
    if (!asks || newest === null || isComplete) return;
    let gone = false;
    let timer = 0;
    const about = `${newest} ${peerReadSeq}`;
    const ask = async () => {
      asked.current = { about, at: performance.now() };
      const positions = await positionsOf(id, newest).catch(() => null);
      if (gone) return;
      if (positions) setReads(positions);
      timer = window.setTimeout(() => void ask(), AGAIN_MS);
    };
    // Who scrolls own messages out of view and back asks no more often for that.
    const due = asked.current.about === about ? asked.current.at + AGAIN_MS - performance.now() : 0;
    timer = window.setTimeout(() => void ask(), Math.max(GATHER_MS, due));
    return () => {
      gone = true;
      window.clearTimeout(timer);
    };
  }, [id, newest, asks, isComplete, peerReadSeq]);

  return useCallback(
    (row) => {
      if (!reads || row.kind !== 'message' || !row.own || row.seq === null) return null;
      const { seq } = row;
      return reads.readSeqs.filter((readSeq) => readSeq >= seq).length;
    },
    [reads],
  );
}

function isStoredOwn(row: LogRow): boolean {
  return row.kind === 'message' && row.own && row.seq !== null;
}

function newestOwn(rows: readonly LogRow[]): Seq | null {
  const row = rows.findLast(isStoredOwn);
  return row?.kind === 'message' ? row.seq : null;
}

async function positionsOf(id: Conversation['id'], seq: Seq): Promise<Reads> {
  const readSeqs: Seq[] = [];
  let page: Receipts | null = null;
  let after: UserId | null = null;
  for (let count = 0; count < MAX_PAGES && (count === 0 || after !== null); count += 1) {
    page = await client.receipts(id, seq, after);
    readSeqs.push(...page.receipts.map(({ readSeq }) => readSeq));
    after = page.nextUserId;
  }
  return { seq, readSeqs: readSeqs.filter((readSeq) => readSeq > 0), members: page?.members ?? 0 };
}
