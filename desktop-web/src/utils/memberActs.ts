import { Role } from '@/protocol/codes';
import type { GroupRole, Member } from '@/types/group';

/** What a member may do about another one. */
export type MemberAct = 'makeAdmin' | 'makeMember' | 'silence' | 'unsilence' | 'makeOwner' | 'remove';

const RANKS: Readonly<Record<GroupRole, number>> = { none: 0, member: 1, admin: 2, owner: 3 };

/** By the roles of both ([G3]); the server decides. Nobody is their own target. `now`: milliseconds since 1970. */
export function memberActs(
  own: Role,
  { role, silencedUntil }: Pick<Member, 'role' | 'silencedUntil'>,
  now: number,
): readonly MemberAct[] {
  const isOwner = own === Role.Owner && role !== 'owner';
  const isAbove = isOwner || (own === Role.Admin && role === 'member');
  const silence: MemberAct = (silencedUntil ?? 0) > now ? 'unsilence' : 'silence';
  const acts: MemberAct[] = [];
  if (isOwner) acts.push(role === 'admin' ? 'makeMember' : 'makeAdmin');
  if (isAbove) acts.push(silence);
  if (isOwner) acts.push('makeOwner');
  if (isAbove) acts.push('remove');
  return acts;
}

/** The leaders first, then by how long they are members. */
export function byRank(one: Member, other: Member): number {
  return RANKS[other.role] - RANKS[one.role] || one.joinedAt - other.joinedAt;
}
