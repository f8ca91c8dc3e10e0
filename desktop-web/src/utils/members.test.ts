import { describe, expect, it } from 'vitest';
import { Role } from '@/protocol/codes';
import { makeMember } from '@/test/groups';
import { ALICE, BOB, CAROL, makeProfile } from '@/test/people';
import type { GroupRole } from '@/types/group';
import { defaultGroupName, groupNameProblem } from './groupName';
import { memberActs } from './memberActs';
import { memberSections } from './memberSections';

const DAVE = makeProfile('4', 'dave', 'Dave');

/** [G3] */
describe('what a member may do about another one', () => {
  it.each<[keyof typeof Role, GroupRole, readonly string[]]>([
    ['Member', 'member', []],
    ['Member', 'owner', []],
    ['Admin', 'member', ['silence', 'remove']],
    ['Admin', 'admin', []],
    ['Admin', 'owner', []],
    ['Owner', 'member', ['makeAdmin', 'silence', 'makeOwner', 'remove']],
    ['Owner', 'admin', ['makeMember', 'silence', 'makeOwner', 'remove']],
  ])('%s about a %s', (own, role, acts) => {
    expect(memberActs(Role[own], { role, silencedUntil: null }, 100)).toEqual(acts);
  });

  it('gives a voice back as long as it is taken', () => {
    expect(memberActs(Role.Admin, { role: 'member', silencedUntil: 101 }, 100)).toContain('unsilence');
    expect(memberActs(Role.Admin, { role: 'member', silencedUntil: 100 }, 100)).toContain('silence');
  });
});

describe('the sections of members', () => {
  const members = [makeMember(CAROL), makeMember(DAVE), makeMember(BOB, 'admin'), makeMember(ALICE)];
  const acquaintance = {
    self: ALICE.userId,
    online: { [BOB.userId]: false, [CAROL.userId]: true },
    nameOf: (id: string) =>
      id === DAVE.userId ? 'Cousin' : (members.find((one) => one.userId === id)?.profile.nickname ?? ''),
  };
  const named = (query: string) =>
    memberSections(members, acquaintance, query).map(
      (section) => `${section.name}: ${section.members.map(({ profile }) => profile.nickname).join(' ')}`,
    );

  it('go by presence, of which nothing is invented', () => {
    expect(named('')).toEqual(['online: Alice Carol', 'offline: Bob', 'others: Dave']);
  });

  it('have whom one searches, by each of their names', () => {
    expect(named('cous')).toEqual(['others: Dave']);
    expect(named(' DAVE ')).toEqual(['others: Dave']);
    expect(named('zoe')).toEqual([]);
  });

  it('know nothing of presence without a connection', () => {
    const offline = memberSections(members, { ...acquaintance, online: {} }, '');
    expect(offline.map(({ name }) => name)).toEqual(['online', 'others']);
  });
});

describe('the name of a group', () => {
  it('is that of its people, as many as fit', () => {
    expect(defaultGroupName(['Bob', 'Carol'])).toBe('Bob, Carol');
    expect(defaultGroupName(['a'.repeat(60), 'Carol'])).toBe('a'.repeat(60));
    expect(defaultGroupName(['𝒜'.repeat(80)])).toBe('𝒜'.repeat(64));
    expect(defaultGroupName([])).toBe('');
  });

  it('has 1 to 64 characters that are more than blanks', () => {
    expect(groupNameProblem('Tea')).toBeNull();
    expect(groupNameProblem('𝒜'.repeat(64))).toBeNull();
    for (const name of ['', '  ', 'a'.repeat(65)]) expect(groupNameProblem(name)).not.toBeNull();
  });
});
