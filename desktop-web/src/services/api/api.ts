import type { Endpoint } from '@/types/connection';
import type {
  FriendRequests,
  Friends,
  GivenRole,
  Members,
  Messages,
  Registration,
  TokenPair,
} from '@/types/generated/rest';
import type { Group, JoinRequest, NewGroup } from '@/types/group';
import type { ReactionCount } from '@/types/entry';
import type { ConversationId, FriendRequestId, Seq, UserId } from '@/types/ids';
import type { Friend, FriendRequest, Profile } from '@/types/person';
import type { Http } from './http';

/** The REST routes that this client uses; docs/http-api.md describes them. */
export class Api {
  constructor(private readonly http: Http) {}

  async register(registration: Registration): Promise<void> {
    await this.http.open('POST', '/auth/register', { body: registration });
  }

  login(username: string, password: string, deviceId: string): Promise<TokenPair> {
    return this.http.open('POST', '/auth/login', {
      body: { username, password, deviceId, platform: 'web' },
    });
  }

  /** An account of the moment: its tokens are good for the world chat. */
  enterAsGuest(deviceId: string): Promise<TokenPair> {
    return this.http.open('POST', '/auth/guest', { body: { deviceId, platform: 'web' } });
  }

  async logout(refreshToken: string): Promise<void> {
    await this.http.call('POST', '/auth/logout', { body: { refreshToken } });
  }

  async endpoints(): Promise<readonly Endpoint[]> {
    return (await this.http.open('GET', '/access/endpoints')).nodes;
  }

  ownProfile(): Promise<Profile> {
    return this.http.call('GET', '/user/profile');
  }

  profile(id: UserId): Promise<Profile> {
    return this.http.call('GET', '/user/{id}', { path: { id } });
  }

  async searchUsers(q: string): Promise<readonly Profile[]> {
    return (await this.http.call('GET', '/user/search', { query: { q, limit: 20 } })).users;
  }

  /** All friends, by name. */
  async friends(): Promise<readonly Friend[]> {
    const friends: Friend[] = [];
    let cursor: string | undefined;
    do {
      const page: Friends = await this.http.call('GET', '/friends', {
        query: { limit: 500, cursor },
      });
      friends.push(...page.friends);
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    return friends;
  }

  /** All requests in one direction, the newest first. */
  async friendRequests(direction: 'received' | 'sent'): Promise<readonly FriendRequest[]> {
    const requests: FriendRequest[] = [];
    let after: string | undefined;
    do {
      const page: FriendRequests = await this.http.call('GET', '/friends/requests', {
        query: { direction, limit: 200, after },
      });
      requests.push(...page.requests);
      after = page.nextAfter ?? undefined;
    } while (after);
    return requests;
  }

  async requestFriend(friendId: UserId, message: string): Promise<void> {
    await this.http.call('POST', '/friends/request', { body: { friendId, message } });
  }

  async acceptRequest(id: FriendRequestId): Promise<void> {
    await this.http.call('POST', '/friends/requests/{id}/accept', { path: { id } });
  }

  async rejectRequest(id: FriendRequestId): Promise<void> {
    await this.http.call('POST', '/friends/requests/{id}/reject', { path: { id } });
  }

  async removeFriend(friendId: UserId): Promise<void> {
    await this.http.call('DELETE', '/friends/{friendId}', { path: { friendId } });
  }

  createGroup(group: NewGroup): Promise<Group> {
    return this.http.call('POST', '/groups', { body: group });
  }

  group(id: ConversationId): Promise<Group> {
    return this.http.call('GET', '/groups/{id}', { path: { id } });
  }

  /** One page of members, by user id; `after` is that of the page before. */
  groupMembers(id: ConversationId, after?: string): Promise<Members> {
    return this.http.call('GET', '/groups/{id}/members', { path: { id }, query: { limit: 200, after } });
  }

  /** The oldest who wait for an answer. For admins and the owner. */
  async joinRequests(id: ConversationId): Promise<readonly JoinRequest[]> {
    return (await this.http.call('GET', '/groups/{id}/requests', { path: { id } })).requests;
  }

  async answerJoinRequest(id: ConversationId, userId: UserId, accept: boolean): Promise<void> {
    await this.http.call('PUT', '/groups/{id}/requests/{userId}', { path: { id, userId }, body: { accept } });
  }

  async renameGroup(id: ConversationId, name: string): Promise<void> {
    await this.http.call('PATCH', '/groups/{id}', { path: { id }, body: { name } });
  }

  async dissolveGroup(id: ConversationId): Promise<void> {
    await this.http.call('DELETE', '/groups/{id}', { path: { id } });
  }

  async inviteToGroup(id: ConversationId, userIds: readonly UserId[]): Promise<void> {
    await this.http.call('POST', '/groups/{id}/members', { path: { id }, body: { userIds } });
  }

  /** Removes a member; of oneself: leaves. */
  async removeFromGroup(id: ConversationId, userId: UserId): Promise<void> {
    await this.http.call('DELETE', '/groups/{id}/members/{userId}', { path: { id, userId } });
  }

  async setGroupRole(id: ConversationId, userId: UserId, role: GivenRole): Promise<void> {
    await this.http.call('PATCH', '/groups/{id}/members/{userId}', { path: { id, userId }, body: { role } });
  }

  async transferGroup(id: ConversationId, userId: UserId): Promise<void> {
    await this.http.call('PUT', '/groups/{id}/owner', { path: { id }, body: { userId } });
  }

  /** The reactions to the messages with from <= seq <= to, by seq; none where there are none. */
  async reactions(
    id: ConversationId,
    from: Seq,
    to: Seq,
  ): Promise<ReadonlyMap<Seq, readonly ReactionCount[]>> {
    const counted = new Map<Seq, readonly ReactionCount[]>();
    for (let after = from - 1; after < to;) {
      const page: Messages = await this.http.call('GET', '/conversations/{id}/messages', {
        path: { id },
        query: { afterSeq: after, limit: Math.min(to - after, 200) },
      });
      for (const { seq, reactions } of page.messages) if (reactions.length > 0) counted.set(seq, reactions);
      const last = page.messages.at(-1);
      if (!last) break;
      after = last.seq;
    }
    return counted;
  }

  async setRemark(friendId: UserId, remark: string): Promise<void> {
    await this.http.call('PUT', '/friends/{friendId}/remark', { path: { friendId }, body: { remark } });
  }
}
