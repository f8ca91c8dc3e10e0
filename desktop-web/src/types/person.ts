import type { FriendRequestId, UserId } from './ids';

/** What everybody may see of a user. */
export interface Profile {
  readonly userId: UserId;
  readonly username: string;
  readonly nickname: string;
  readonly avatar: string;
}

export interface Friend {
  readonly friendId: UserId;
  /** The name that the owner of the list gave; empty when none. */
  readonly remark: string;
  readonly createdAt: number;
  readonly online: boolean;
  readonly profile: Profile;
}

export type FriendRequestStatus = 'pending' | 'accepted' | 'rejected' | 'cancelled';

export interface FriendRequest {
  readonly id: FriendRequestId;
  readonly fromUserId: UserId;
  readonly toUserId: UserId;
  readonly message: string;
  readonly status: FriendRequestStatus;
  readonly createdAt: number;
  /** The other one. */
  readonly user: Profile;
}

/** Who is signed in on this device. */
export interface Account {
  readonly userId: UserId;
  readonly profile: Profile;
  /** Came in without an account: reads and writes in the world chat, and nothing else. */
  readonly isGuest: boolean;
}
