import { ConversationType, Role } from '@/protocol/codes';
import { applyEvent } from '@/stores/applyEvent';
import type { Conversation } from '@/types/conversation';
import type { Group, GroupRole, JoinRequest, Member } from '@/types/group';
import { asConversationId } from '@/types/ids';
import type { Profile } from '@/types/person';
import { ACCOUNT, makeConversation } from './people';

export const GROUP = asConversationId('80');

export const makeMember = (
  profile: Profile,
  role: GroupRole = 'member',
  changes: Partial<Member> = {},
): Member => ({
  userId: profile.userId,
  role,
  joinedAt: Number(profile.userId),
  silencedUntil: null,
  profile,
  ...changes,
});

export const makeGroup = (changes: Partial<Group> = {}): Group => ({
  id: GROUP,
  name: 'Tea',
  avatar: '',
  description: '',
  memberCount: 3,
  memberLimit: 10_000,
  joinPolicy: 'approval',
  historyOpen: false,
  silenced: false,
  role: 'member',
  ...changes,
});

/** The conversation of `makeGroup`. */
export const makeGroupTalk = (changes: Partial<Conversation> = {}): Conversation =>
  makeConversation(GROUP, 3, {
    type: ConversationType.Group,
    peerId: null,
    name: 'Tea',
    memberCount: 3,
    role: Role.Member,
    unread: 0,
    ...changes,
  });

/** What the server says of a group, as it comes into the stores. */
export function showGroup(
  members: readonly Member[],
  group: Partial<Group> = {},
  { requests = [], nextAfter = null }: { requests?: readonly JoinRequest[]; nextAfter?: string | null } = {},
): void {
  applyEvent({ type: 'profilesLoaded', profiles: members.map(({ profile }) => profile) });
  applyEvent({ type: 'groupLoaded', group: makeGroup(group), members, requests, nextAfter });
}

export function signInForGroups(): void {
  applyEvent({ type: 'signedIn', account: ACCOUNT });
  applyEvent({ type: 'localDataLoaded', conversations: [], pending: [] });
}
