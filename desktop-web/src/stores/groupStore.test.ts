import { beforeEach, describe, expect, it } from 'vitest';
import { EntryType } from '@/protocol/codes';
import { GROUP, makeGroupTalk, makeMember, showGroup, signInForGroups } from '@/test/groups';
import { ALICE, BOB, CAROL, makeProfile } from '@/test/people';
import { makeEntry } from '@/test/serverFrames';
import type { Member } from '@/types/group';
import { applyEvent } from './applyEvent';
import { useGroupStore } from './groupStore';

const DAVE = makeProfile('4', 'dave', 'Dave');
const view = () => useGroupStore.getState().groups[GROUP];
const ids = () => view()?.members.map(({ userId }) => userId);

function page(members: readonly Member[], after: string, nextAfter: string | null) {
  applyEvent({ type: 'membersLoaded', conversationId: GROUP, members, after, nextAfter });
}

function happens(change: object, senderId = ALICE.userId) {
  const entry = makeEntry(GROUP, 4, { type: EntryType.Member, senderId, text: JSON.stringify(change) });
  applyEvent({ type: 'entriesApplied', conversation: makeGroupTalk(), entries: [entry] });
}

beforeEach(() => {
  signInForGroups();
});

/** E2 */
describe('the members of a group', () => {
  it('come page by page, and a page that was asked for before the list began anew is none of it', () => {
    showGroup([makeMember(ALICE)], {}, { nextAfter: '1' });
    page([makeMember(BOB)], '1', '2');
    page([makeMember(DAVE)], '1', null);
    expect(ids()).toEqual(['1', '2']);
    expect(view()?.nextAfter).toBe('2');
  });

  it('keep later pages when the first one is read anew', () => {
    showGroup([makeMember(ALICE), makeMember(BOB)], {}, { nextAfter: '2' });
    page([makeMember(CAROL), makeMember(DAVE)], '2', null);
    showGroup([makeMember(ALICE)], {}, { nextAfter: '1' });
    expect(ids()).toEqual(['1', '2', '3', '4']);
    showGroup([makeMember(ALICE), makeMember(BOB)], {}, { nextAfter: '2' });
    expect(ids()).toEqual(['1', '2', '3', '4']);
    expect(view()?.nextAfter).toBeNull();
    showGroup([makeMember(ALICE)]);
    expect(ids()).toEqual(['1']);
  });

  it('move with the entries of the log', () => {
    showGroup([makeMember(ALICE, 'owner'), makeMember(BOB), makeMember(CAROL), makeMember(DAVE)]);
    happens({ change: 'role', user: BOB.userId, role: 'admin' });
    happens({ change: 'silenced', user: CAROL.userId, until: 99 });
    happens({ change: 'removed', user: DAVE.userId });
    expect(view()?.members).toMatchObject([
      { userId: '1', role: 'owner' },
      { userId: '2', role: 'admin' },
      { userId: '3', silencedUntil: 99 },
    ]);
    happens({ change: 'left', owner: BOB.userId });
    expect(view()?.members).toMatchObject([{ userId: '2', role: 'owner' }, { userId: '3' }]);
    happens({ change: 'dissolved' });
    expect(ids()).toEqual([]);
  });

  it('are told to have changed, message or not', () => {
    const news = () => useGroupStore.getState().news[GROUP] ?? 0;
    applyEvent({ type: 'entriesApplied', conversation: makeGroupTalk(), entries: [makeEntry(GROUP, 4)] });
    expect(news()).toBe(0);
    happens({ change: 'joined' });
    expect(news()).toBe(1);
  });
});
