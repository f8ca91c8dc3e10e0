import type { Member } from '@/types/group';
import type { UserId } from '@/types/ids';
import { byRank } from './memberActs';

export type SectionName = 'online' | 'offline' | 'others';

export interface MemberSection {
  readonly name: SectionName;
  readonly members: readonly Member[];
}

export interface Acquaintance {
  readonly self: UserId;
  /** Of friends, while it is known. */
  readonly online: Readonly<Record<UserId, boolean>>;
  /** What somebody is called here. */
  readonly nameOf: (userId: UserId) => string;
}

/**
 * Members by what is known of their presence: of friends the server tells it, of others it does not. `query` is part of a name or username.
 * Empty sections are left out.
 */
export function memberSections(
  members: readonly Member[],
  { self, online, nameOf }: Acquaintance,
  query: string,
): readonly MemberSection[] {
  const wanted = query.trim().toLowerCase();
  const sections: Readonly<Record<SectionName, Member[]>> = { online: [], offline: [], others: [] };
  for (const member of members) {
    const { userId, profile } = member;
    const names = [nameOf(userId), profile.nickname, profile.username];
    if (wanted && !names.some((name) => name.toLowerCase().includes(wanted))) continue;
    const presence = userId === self ? true : online[userId];
    sections[presence === undefined ? 'others' : presence ? 'online' : 'offline'].push(member);
  }
  return (['online', 'offline', 'others'] as const)
    .map((name) => ({ name, members: sections[name].sort(byRank) }))
    .filter((section) => section.members.length > 0);
}
