import type { CountedReactions } from '@/types/entry';
import type { Seq, UserId } from '@/types/ids';

/** One reaction to a message, with whom it is from, in the order in which they came. */
export interface Reaction {
  readonly reaction: string;
  readonly users: readonly UserId[];
  /** How many more there are whose names are not known here. */
  readonly others: number;
}

/** Somebody put a reaction, or took it off. */
export interface Said {
  readonly seq: Seq;
  readonly on: boolean;
  readonly user: UserId;
  readonly reaction: string;
}

interface Holders {
  /** With the seq by which they hold it. */
  readonly users: Map<UserId, Seq>;
  others: number;
  /** Its place among those that were counted; null: it was not. */
  readonly place: number | null;
}

/**
 * Of each user and reaction the last word holds ([E7]). `counted` stands for what was said up to its seq: a `-` of somebody who is not
 * known to hold it is then of one of those that were counted, because what changes nothing makes no entry ([C1]).
 */
export function foldReactions(said: Iterable<Said>, counted: CountedReactions | null): Reaction[] {
  const held = new Map<string, Holders>();
  counted?.counts.forEach(({ reaction, count, mine }, place) => {
    const users = new Map<UserId, Seq>(mine ? [[counted.self, 0]] : []);
    held.set(reaction, { users, others: count - users.size, place });
  });
  const later = [...said].filter(({ seq }) => seq > (counted?.seq ?? 0)).sort((a, b) => a.seq - b.seq);
  for (const { reaction, user, on, seq } of later) {
    const holders = held.get(reaction) ?? { users: new Map<UserId, Seq>(), others: 0, place: null };
    held.set(reaction, holders);
    if (on) holders.users.set(user, seq);
    else if (!holders.users.delete(user)) holders.others = Math.max(0, holders.others - 1);
  }
  return [...held]
    .filter(([, { users, others }]) => users.size + others > 0)
    .sort(([, a], [, b]) => order(a) - order(b))
    .map(([reaction, { users, others }]) => {
      const bySeq = [...users].sort(([, a], [, b]) => a - b);
      return { reaction, users: bySeq.map(([user]) => user), others };
    });
}

/** In the order of the first that holds, so that a row does not jump when somebody joins in. */
function order({ users, others, place }: Holders): number {
  const first = Math.min(...users.values());
  return place !== null && (others > 0 || first === 0) ? place / 1_000_000 : first;
}
