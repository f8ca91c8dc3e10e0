import { EntryType } from '@/protocol/codes';
import type { Entry } from '@/types/entry';
import type { UserId } from '@/types/ids';
import type { PendingChange } from '@/types/pending';
import { foldLog, type FoldedMessage } from './fold';

/** The newest of the own texts in a log, if it was not taken back; null: there is none to edit. */
export function lastOwnText(
  entries: readonly Entry[],
  changes: readonly PendingChange[],
  self: UserId,
): FoldedMessage | null {
  const own = [...foldLog(entries, changes, self).values()].filter(
    ({ entry, recalledSeq }) => entry.senderId === self && entry.type === EntryType.Text && recalledSeq === 0,
  );
  return own.at(-1) ?? null;
}
