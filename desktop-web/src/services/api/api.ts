import type { Endpoint } from '@/types/connection';
import type { Group, JoinRequest, Member, NewGroup } from '@/types/group';
import type { ConversationId, FriendRequestId, UserId } from '@/types/ids';
import type { Friend, FriendRequest, Profile } from '@/types/person';
import type { Http } from './http';
import type { TokenPair } from './tokens';

export interface MemberPage {
  readonly members: readonly Member[];
  /** `after` of the next page; null on the last one. */
  readonly nextAfter: UserId | null;
}

interface FriendPage {
  readonly friends: readonly Friend[];
  /** `cursor` of the next page; null on the last one. */
  readonly nextCursor: string | null;
}

interface RequestPage {
  readonly requests: readonly FriendRequest[];
  /** `after` of the next page; null on the last one. */
  readonly nextAfter: FriendRequestId | null;
}

export interface Registration {
  readonly username: string;
  readonly password: string;
  readonly nickname: string;
}

/** The REST routes that this client uses; docs/http-api.md describes them. */
export class Api {
  constructor(private readonly http: Http) {}

  async register(registration: Registration): Promise<void> {
    await this.http.open<{ userId: UserId }>('POST', '/auth/register', registration);
  }

  login(username: string, password: string, deviceId: string): Promise<TokenPair> {
    return this.http.open('POST', '/auth/login', { username, password, deviceId, platform: 'web' });
  }

  /** An account of the moment: its tokens are good for the world chat. */
  enterAsGuest(deviceId: string): Promise<TokenPair> {
    return this.http.open('POST', '/auth/guest', { deviceId, platform: 'web' });
  }

  async logout(refreshToken: string): Promise<void> {
    await this.http.call('POST', '/auth/logout', { refreshToken });
  }

  async endpoints(): Promise<readonly Endpoint[]> {
    return (await this.http.open<{ nodes: readonly Endpoint[] }>('GET', '/access/endpoints')).nodes;
  }

  ownProfile(): Promise<Profile> {
    return this.http.call('GET', '/user/profile');
  }

  profile(userId: UserId): Promise<Profile> {
    return this.http.call('GET', `/user/${userId}`);
  }

  async searchUsers(query: string): Promise<readonly Profile[]> {
    return (
      await this.http.call<{ users: readonly Profile[] }>(
        'GET',
        `/user/search?q=${encodeURIComponent(query)}&limit=20`,
      )
    ).users;
  }

  /** All friends, by name. */
  async friends(): Promise<readonly Friend[]> {
    const friends: Friend[] = [];
    let cursor: string | null = null;
    do {
      const path: string = `/friends?limit=500${cursor ? `&cursor=${cursor}` : ''}`;
      const page: FriendPage = await this.http.call('GET', path);
      friends.push(...page.friends);
      cursor = page.nextCursor;
    } while (cursor);
    return friends;
  }

  /** All requests in one direction, the newest first. */
  async friendRequests(direction: 'received' | 'sent'): Promise<readonly FriendRequest[]> {
    const requests: FriendRequest[] = [];
    let after: FriendRequestId | null = null;
    do {
      const path: string = `/friends/requests?direction=${direction}&limit=200${after ? `&after=${after}` : ''}`;
      const page: RequestPage = await this.http.call('GET', path);
      requests.push(...page.requests);
      after = page.nextAfter;
    } while (after);
    return requests;
  }

  async requestFriend(friendId: UserId, message: string): Promise<void> {
    await this.http.call('POST', '/friends/request', { friendId, message });
  }

  async acceptRequest(id: FriendRequestId): Promise<void> {
    await this.http.call('POST', `/friends/requests/${id}/accept`);
  }

  async rejectRequest(id: FriendRequestId): Promise<void> {
    await this.http.call('POST', `/friends/requests/${id}/reject`);
  }

  async removeFriend(friendId: UserId): Promise<void> {
    await this.http.call('DELETE', `/friends/${friendId}`);
  }

  createGroup(group: NewGroup): Promise<Group> {
    return this.http.call('POST', '/groups', group);
  }

  group(id: ConversationId): Promise<Group> {
    return this.http.call('GET', `/groups/${id}`);
  }

  /** One page of members, by user id. */
  groupMembers(id: ConversationId, after: UserId | null): Promise<MemberPage> {
    return this.http.call('GET', `/groups/${id}/members?limit=200${after ? `&after=${after}` : ''}`);
  }

  /** The oldest who wait for an answer. For admins and the owner. */
  async joinRequests(id: ConversationId): Promise<readonly JoinRequest[]> {
    return (await this.http.call<{ requests: readonly JoinRequest[] }>('GET', `/groups/${id}/requests`))
      .requests;
  }

  async answerJoinRequest(id: ConversationId, userId: UserId, accept: boolean): Promise<void> {
    await this.http.call('PUT', `/groups/${id}/requests/${userId}`, { accept });
  }

  async renameGroup(id: ConversationId, name: string): Promise<void> {
    await this.http.call('PATCH', `/groups/${id}`, { name });
  }

  async dissolveGroup(id: ConversationId): Promise<void> {
    await this.http.call('DELETE', `/groups/${id}`);
  }

  async inviteToGroup(id: ConversationId, userIds: readonly UserId[]): Promise<void> {
    await this.http.call('POST', `/groups/${id}/members`, { userIds });
  }

  /** Removes a member; of oneself: leaves. */
  async removeFromGroup(id: ConversationId, userId: UserId): Promise<void> {
    await this.http.call('DELETE', `/groups/${id}/members/${userId}`);
  }

  async setGroupRole(id: ConversationId, userId: UserId, role: 'member' | 'admin'): Promise<void> {
    await this.http.call('PATCH', `/groups/${id}/members/${userId}`, { role });
  }

  async transferGroup(id: ConversationId, userId: UserId): Promise<void> {
    await this.http.call('PUT', `/groups/${id}/owner`, { userId });
  }

  async setRemark(friendId: UserId, remark: string): Promise<void> {
    await this.http.call('PUT', `/friends/${friendId}/remark`, { remark });
  }
}
