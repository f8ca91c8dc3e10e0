import type { UserId } from './ids';
import type { Profile } from './generated/rest';

export type { Friend, FriendRequest, Profile, StatusName as FriendRequestStatus } from './generated/rest';

/** Who is signed in on this device. */
export interface Account {
  readonly userId: UserId;
  readonly profile: Profile;
  /** Came in without an account: reads and writes in the world chat, and nothing else. */
  readonly isGuest: boolean;
}
