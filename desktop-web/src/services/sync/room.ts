import type { ConversationId, Seq } from '@/types/ids';

/** A held part of a log. */
export interface HeldLog {
  readonly id: ConversationId;
  readonly from: Seq;
  readonly to: Seq;
  /** When something was last said there. */
  readonly activity: number;
}

/** Of each log so much stays as long as others have more: enough to open it at once. */
const KEPT = 200;

/** It is made room for more than what is over, so that it is not made for every page. */
const SPARE = 0.1;

/**
 * What to let go of when more than `limit` entries are held: the oldest of the logs that were silent the longest, so that each stays
 * consecutive up to its newest entry. Gives where the held parts start from then on. Pure.
 */
export function makeRoom(logs: readonly HeldLog[], limit: number): ReadonlyMap<ConversationId, Seq> {
  const total = logs.reduce((sum, log) => sum + count(log), 0);
  const starts = new Map<ConversationId, Seq>();
  if (total <= limit) return starts;
  let excess = total - Math.floor(limit * (1 - SPARE));
  const silent = [...logs].sort((a, b) => a.activity - b.activity);
  for (const kept of [KEPT, 0]) {
    for (const log of silent) {
      const start = starts.get(log.id) ?? log.from;
      const drop = Math.min(excess, log.to - start + 1 - kept);
      if (drop <= 0) continue;
      starts.set(log.id, start + drop);
      excess -= drop;
    }
  }
  return starts;
}

function count({ from, to }: Pick<HeldLog, 'from' | 'to'>): number {
  return Math.max(0, to - from + 1);
}
