import type { ConversationId, UserId } from './ids';
import type { Profile } from './person';

export type GroupRole = 'member' | 'admin' | 'owner';
export type GroupJoinPolicy = 'free' | 'approval' | 'invite';

/** A group as its panel shows it. Who is no member sees the face only. */
export interface Group {
  readonly id: ConversationId;
  readonly name: string;
  readonly avatar: string;
  /** Members only. */
  readonly description?: string;
  readonly memberCount: number;
  readonly joinPolicy: GroupJoinPolicy;
  /** What the user may do. */
  readonly role: GroupRole | 'none';
}

export interface Member {
  readonly userId: UserId;
  readonly role: GroupRole;
  /** Milliseconds since 1970. */
  readonly joinedAt: number;
  /** May not write until then; null: may. */
  readonly silencedUntil: number | null;
  readonly profile: Profile;
}

/** Somebody who wants to join and waits for an answer. */
export interface JoinRequest {
  readonly userId: UserId;
  readonly message: string;
  readonly profile: Profile;
}

/** What a new group begins with. */
export interface NewGroup {
  readonly name: string;
  readonly memberIds: readonly UserId[];
}
