import { EntryType } from '@/protocol/codes';
import { MAX_HISTORY } from '@/protocol/limits';
import type { Entry, ReactionCount } from '@/types/entry';
import type { ConversationId, Seq, UserId } from '@/types/ids';
import type { CatchUp } from './catchUp';
import type { ConversationLog } from './conversationLog';

/** The reactions to the messages with from <= seq <= to as they are now, by seq. Rejects with ApiError. */
export type ReadReactions = (
  conversationId: ConversationId,
  from: Seq,
  to: Seq,
) => Promise<ReadonlyMap<Seq, readonly ReactionCount[]>>;

/** So often is read again because somebody reacted meanwhile; then the counts may be off by what came in the last moment. */
const MAX_READS = 4;

/**
 * Entries of an island with the reactions to them. The log between it and the newest entry is not read for that: the server counts
 * them, and what is pushed later moves the counts ([E7]). For this the seq is needed up to which they are counted. The answer does not
 * say it: it is the newest entry once none of those that came while the counts were read is a reaction to one of these.
 */
export async function withReactions(
  catchUp: CatchUp,
  log: ConversationLog,
  entries: readonly Entry[],
  self: UserId,
  read: ReadReactions,
): Promise<readonly Entry[]> {
  const from = entries[0]?.seq ?? 0;
  const to = entries.at(-1)?.seq ?? 0;
  let seq = log.known;
  let counted: ReadonlyMap<Seq, readonly ReactionCount[]> = new Map();
  for (let reads = 0; reads < MAX_READS; reads += 1) {
    counted = await read(log.id, from, to);
    const { entries: news } = await catchUp.page(log, seq, 'forward', MAX_HISTORY);
    seq = news.at(-1)?.seq ?? seq;
    const disturbs = ({ type, targetSeq }: Entry) =>
      type === EntryType.Reaction && targetSeq >= from && targetSeq <= to;
    if (news.length < MAX_HISTORY && !news.some(disturbs)) break;
  }
  return entries.map((entry) => ({
    ...entry,
    reactions: { seq, self, counts: counted.get(entry.seq) ?? [] },
  }));
}
