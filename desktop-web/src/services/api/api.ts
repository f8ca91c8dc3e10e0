import type {
  Blocked,
  Device,
  OwnProfile,
  Privacy,
  PrivacyUpdate,
  ProfileUpdate,
  SeenProfile,
} from '@/types/account';
import type { Endpoint } from '@/types/connection';
import type {
  Blocks,
  Devices,
  FoundMessages,
  FriendRequests,
  Friends,
  MemberChange,
  Members,
  Messages,
  PushKey,
  Registration,
  Subscription,
  TokenPair,
} from '@/types/generated/rest';
import type { Group, GroupChange, JoinRequest, NewGroup } from '@/types/group';
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

  /** Makes the guest who asks a registered user with the same id. All tokens of the guest are revoked. */
  upgrade(registration: Registration): Promise<TokenPair> {
    return this.http.call('POST', '/auth/upgrade', { body: registration });
  }

  /** Signs every device out; this one goes on with the pair of the answer. */
  changePassword(oldPassword: string, newPassword: string): Promise<TokenPair> {
    return this.http.call('PUT', '/user/password', { body: { oldPassword, newPassword } });
  }

  /** Has a mail sent with a token for `resetPassword`, if there is such an account. */
  async forgotPassword(account: { readonly username: string } | { readonly email: string }): Promise<void> {
    await this.http.open('POST', '/auth/password/forgot', { body: account });
  }

  async resetPassword(token: string, newPassword: string): Promise<void> {
    await this.http.open('POST', '/auth/password/reset', { body: { token, newPassword } });
  }

  async logout(refreshToken: string): Promise<void> {
    await this.http.call('POST', '/auth/logout', { body: { refreshToken } });
  }

  async endpoints(): Promise<readonly Endpoint[]> {
    return (await this.http.open('GET', '/access/endpoints')).nodes;
  }

  ownProfile(): Promise<OwnProfile> {
    return this.http.call('GET', '/user/profile');
  }

  /** What is missing in `change` stays as it is. */
  updateProfile(change: ProfileUpdate): Promise<OwnProfile> {
    return this.http.call('PUT', '/user/profile', { body: change });
  }

  privacy(): Promise<Privacy> {
    return this.http.call('GET', '/user/privacy');
  }

  /** What is missing in `change` stays as it is. */
  updatePrivacy(change: PrivacyUpdate): Promise<Privacy> {
    return this.http.call('PUT', '/user/privacy', { body: change });
  }

  /** Whether the user is offline to everybody. */
  async invisible(): Promise<boolean> {
    return (await this.http.call('GET', '/user/presence')).invisible;
  }

  async setInvisible(invisible: boolean): Promise<void> {
    await this.http.call('PUT', '/user/presence', { body: { invisible } });
  }

  /** All devices that are signed in, the latest logins first. */
  async devices(): Promise<readonly Device[]> {
    const devices: Device[] = [];
    let after: string | undefined;
    do {
      const page: Devices = await this.http.call('GET', '/devices', { query: { after } });
      devices.push(...page.devices);
      after = page.nextAfter ?? undefined;
    } while (after);
    return devices;
  }

  async signOutDevice(id: string): Promise<void> {
    await this.http.call('DELETE', '/devices/{id}', { path: { id } });
  }

  /** All but the one that asks. */
  async signOutOtherDevices(): Promise<void> {
    await this.http.call('DELETE', '/devices');
  }

  /** Whom the user has blocked, by id. */
  async blocked(): Promise<readonly Blocked[]> {
    const blocked: Blocked[] = [];
    let after: string | undefined;
    do {
      const page: Blocks = await this.http.call('GET', '/blocks', { query: { limit: 200, after } });
      blocked.push(...page.users);
      after = page.nextAfter ?? undefined;
    } while (after);
    return blocked;
  }

  async block(userId: UserId): Promise<void> {
    await this.http.call('PUT', '/blocks/{userId}', { path: { userId } });
  }

  async unblock(userId: UserId): Promise<void> {
    await this.http.call('DELETE', '/blocks/{userId}', { path: { userId } });
  }

  /** Of a friend who shows them with phone and email. */
  profile(id: UserId): Promise<SeenProfile> {
    return this.http.call('GET', '/user/{id}', { path: { id } });
  }

  /** A page of messages with all words of `q`, the newest first. */
  searchMessages(
    q: string,
    { conversationId, before }: { readonly conversationId?: ConversationId; readonly before?: string },
  ): Promise<FoundMessages> {
    return this.http.call('GET', '/search/messages', { query: { q, conversationId, before, limit: 30 } });
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

  /** Takes the own request back. */
  async cancelRequest(id: FriendRequestId): Promise<void> {
    await this.http.call('DELETE', '/friends/requests/{id}', { path: { id } });
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

  /** What is missing in `change` stays as it is. */
  async updateGroup(id: ConversationId, change: GroupChange): Promise<void> {
    await this.http.call('PATCH', '/groups/{id}', { path: { id }, body: change });
  }

  /** True: a member now. False: the admins are asked. */
  async joinGroup(id: ConversationId, message: string): Promise<boolean> {
    const answer = await this.http.call('POST', '/groups/{id}/join', { path: { id }, body: { message } });
    return 'id' in answer;
  }

  async dissolveGroup(id: ConversationId): Promise<void> {
    await this.http.call('DELETE', '/groups/{id}', { path: { id } });
  }

  /** True: members now. False: the admins are asked. */
  async inviteToGroup(id: ConversationId, userIds: readonly UserId[]): Promise<boolean> {
    const answer = await this.http.call('POST', '/groups/{id}/members', { path: { id }, body: { userIds } });
    return 'id' in answer;
  }

  /** Removes a member; of oneself: leaves. */
  async removeFromGroup(id: ConversationId, userId: UserId): Promise<void> {
    await this.http.call('DELETE', '/groups/{id}/members/{userId}', { path: { id, userId } });
  }

  /** Gives a role, or takes the voice. */
  async changeMember(id: ConversationId, userId: UserId, change: MemberChange): Promise<void> {
    await this.http.call('PATCH', '/groups/{id}/members/{userId}', { path: { id, userId }, body: change });
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

  /** The key that a browser subscribes to pushes with. Rejects with the status 404 where the server sends none. */
  pushKey(): Promise<PushKey> {
    return this.http.call('GET', '/push/key', {});
  }

  async subscribeToPush(subscription: Subscription): Promise<void> {
    await this.http.call('PUT', '/push/subscription', { body: subscription });
  }

  async unsubscribeFromPush(): Promise<void> {
    await this.http.call('DELETE', '/push/subscription', {});
  }

  async setRemark(friendId: UserId, remark: string): Promise<void> {
    await this.http.call('PUT', '/friends/{friendId}/remark', { path: { friendId }, body: { remark } });
  }
}
