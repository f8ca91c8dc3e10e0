import { create } from 'zustand';
import type { Blocked } from '@/types/account';
import type { ClientEvent } from '@/types/event';
import type { UserId } from '@/types/ids';
import type { Friend, FriendRequest, Profile } from '@/types/person';

export interface ContactState {
  /** The lists are there, perhaps from this device; before that empty ones mean nothing. */
  readonly known: boolean;
  readonly friends: readonly Friend[];
  readonly received: readonly FriendRequest[];
  readonly sent: readonly FriendRequest[];
  /** Everybody that was met, by id; friends included. */
  readonly profiles: Readonly<Record<UserId, Profile>>;
  readonly online: Readonly<Record<UserId, boolean>>;
  /** Whom this user has blocked; null until it was asked for. */
  readonly blocked: readonly Blocked[] | null;
}

const EMPTY: ContactState = {
  known: false,
  friends: [],
  received: [],
  sent: [],
  profiles: {},
  online: {},
  blocked: null,
};

export const useContactStore = create<ContactState>(() => EMPTY);

export function reduceContacts(state: ContactState, event: ClientEvent): ContactState {
  switch (event.type) {
    case 'signedIn':
    case 'signedOut':
      return EMPTY;
    case 'friendsLoaded':
      return {
        ...state,
        known: true,
        friends: event.friends,
        profiles: { ...state.profiles, ...byId(event.friends.map((friend) => friend.profile)) },
        online: Object.fromEntries(event.friends.map((friend) => [friend.friendId, friend.online])),
      };
    case 'requestsLoaded':
      return {
        ...state,
        received: event.received,
        sent: event.sent,
        profiles: {
          ...byId([...event.received, ...event.sent].map((request) => request.user)),
          ...state.profiles,
        },
      };
    case 'profilesLoaded':
      return { ...state, profiles: { ...state.profiles, ...byId(event.profiles) } };
    case 'connectionChanged':
      // Who is online is not known without a connection; it is told anew with the next one.
      return event.connection.phase === 'offline' ? { ...state, online: {} } : state;
    case 'presenceChanged':
      return {
        ...state,
        online: { ...state.online, [event.userId]: event.online },
        friends: state.friends.map((friend) =>
          friend.friendId === event.userId ? { ...friend, lastSeen: event.lastSeen || null } : friend,
        ),
      };
    case 'blockedLoaded':
      return { ...state, blocked: event.blocked };
    default:
      return state;
  }
}

/** What a user is called here: the remark, else the own choice, else the name to sign in with. */
export function nameOf(state: Pick<ContactState, 'friends' | 'profiles'>, userId: UserId): string {
  const remark = state.friends.find((friend) => friend.friendId === userId)?.remark;
  const profile = state.profiles[userId];
  return remark || profile?.nickname || profile?.username || '';
}

/** Whether this user has blocked somebody, as far as it is known. */
export function isBlocked({ friends, blocked }: ContactState, userId: UserId): boolean {
  return (
    blocked?.some((one) => one.userId === userId) ??
    friends.some((friend) => friend.friendId === userId && friend.blocked)
  );
}

/** Requests that wait for an answer of this user. */
export function openRequests(state: ContactState): number {
  return state.received.filter((request) => request.status === 'pending').length;
}

function byId(profiles: readonly Profile[]): Record<UserId, Profile> {
  return Object.fromEntries(profiles.map((profile) => [profile.userId, profile]));
}
