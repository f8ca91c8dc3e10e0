import { describe, expect, it } from 'vitest';
import { SEEDS, seededRandom } from '@/test/random';
import type { CountedReactions } from '@/types/entry';
import { asUserId } from '@/types/ids';
import { foldReactions, type Reaction, type Said } from './foldReactions';

const SELF = asUserId('1');
const USERS = [SELF, asUserId('2'), asUserId('3')];

/** What a server stores: nobody puts what they hold, or takes off what they do not ([C1]). */
function makeSaid(random: () => number, length: number): Said[] {
  const held = new Set<string>();
  return Array.from({ length }, (_, index) => {
    const user = USERS[Math.floor(random() * USERS.length)] ?? SELF;
    const reaction = random() < 0.5 ? '👍' : '🎉';
    const key = `${user} ${reaction}`;
    const on = !held.delete(key);
    if (on) held.add(key);
    return { seq: index + 2, on, user, reaction };
  });
}

const counts = (reactions: readonly Reaction[]): CountedReactions['counts'] =>
  reactions.map(({ reaction, users, others }) => ({
    reaction,
    count: users.length + others,
    mine: users.includes(SELF),
  }));

/** [E7] */
describe('reactions', () => {
  it.each(SEEDS)('that were counted and moved on are as many as all that was said (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const said = makeSaid(random, 30);
    const seq = Math.floor(random() * 32);
    const before = foldReactions(
      said.filter((one) => one.seq <= seq),
      null,
    );
    const moved = foldReactions(said, { seq, self: SELF, counts: counts(before) });
    const byName = (reactions: readonly Reaction[]) =>
      [...counts(reactions)].sort((a, b) => (a.reaction < b.reaction ? -1 : 1));
    expect(byName(moved)).toEqual(byName(foldReactions(said, null)));
  });

  it('keep their places when somebody joins in or one of those that were counted leaves', () => {
    const counted = {
      seq: 5,
      self: SELF,
      counts: [
        { reaction: '👍', count: 3, mine: true },
        { reaction: '🎉', count: 1, mine: false },
      ],
    };
    const later = [
      { seq: 6, on: true, user: asUserId('9'), reaction: '🎉' },
      { seq: 7, on: false, user: SELF, reaction: '👍' },
      { seq: 8, on: false, user: asUserId('8'), reaction: '👍' },
    ];
    expect(foldReactions(later, counted)).toEqual([
      { reaction: '👍', users: [], others: 1 },
      { reaction: '🎉', users: ['9'], others: 1 },
    ]);
  });
});
