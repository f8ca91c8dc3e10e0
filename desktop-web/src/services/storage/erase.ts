import type { Entry } from '@/types/entry';
import type { Seq } from '@/types/ids';

/** What is left of a message, or of an edit of it, that was taken back by the entry `recalledSeq` ([E6]). */
export function erase(entry: Entry, recalledSeq: Seq): Entry {
  return { ...entry, text: '', mentions: [], recalledSeq };
}
