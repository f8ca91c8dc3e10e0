import { ConversationType } from '@/protocol/codes';
import type { Conversation } from '@/types/conversation';
import { asFriendRequestId, asUserId, WORLD_CONVERSATION } from '@/types/ids';
import type { Account, Friend, FriendRequest, Profile } from '@/types/person';
import { makeState } from './serverFrames';

export const makeProfile = (id: string, username: string, nickname: string = username): Profile => ({
  userId: asUserId(id),
  username,
  nickname,
  avatar: '',
});

export const ALICE = makeProfile('1', 'alice', 'Alice');
export const BOB = makeProfile('2', 'bob', 'Bob');
export const CAROL = makeProfile('3', 'carol', 'Carol');
export const ACCOUNT: Account = { userId: ALICE.userId, profile: ALICE, isGuest: false };
export const GUEST_ACCOUNT: Account = { ...ACCOUNT, isGuest: true };

export const makeFriend = (profile: Profile, changes: Partial<Friend> = {}): Friend => ({
  id: `8${profile.userId}`,
  userId: ALICE.userId,
  friendId: profile.userId,
  remark: '',
  createdAt: 1_767_323_000_000,
  online: false,
  blocked: false,
  profile,
  ...changes,
});

export const makeRequest = (user: Profile, changes: Partial<FriendRequest> = {}): FriendRequest => ({
  id: asFriendRequestId(`9${user.userId}`),
  fromUserId: user.userId,
  toUserId: ALICE.userId,
  message: 'Hello',
  status: 'pending',
  createdAt: 1_767_323_000_000,
  user,
  ...changes,
});

export function makeConversation(
  id: string,
  tipSeq: number,
  changes: Partial<Conversation> = {},
): Conversation {
  const { conversationId, ...state } = makeState(id, tipSeq);
  return { id: conversationId, ...state, ...changes };
}

/** The world chat as the server tells it: no peer, nothing unread. */
export const makeWorld = (tipSeq: number): Conversation =>
  makeConversation(WORLD_CONVERSATION, tipSeq, { type: ConversationType.World, peerId: null, unread: 0 });
