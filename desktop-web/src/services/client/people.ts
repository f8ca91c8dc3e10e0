import type { Conversation } from '@/types/conversation';
import type { Emit } from '@/types/event';
import type { FriendRequestId, UserId } from '@/types/ids';
import type { Friend, Profile } from '@/types/person';
import { report } from '@/utils/report';
import type { Api } from '@/services/api/api';
import type { Storage } from '@/services/storage/storage';

/** Friends, requests and the profiles of the people one talks to; the last known ones are kept for offline. */
export class People {
  private friends: readonly Friend[] = [];
  private readonly profiles = new Map<UserId, Profile>();
  private readonly strangers = new Set<UserId>();
  private refreshed = false;

  constructor(
    private readonly api: Api,
    private readonly storage: Storage,
    private readonly emit: Emit,
  ) {}

  async load(): Promise<void> {
    const stored = await this.storage.people();
    if (!stored) return;
    // Who was online then says nothing about now.
    this.friends = stored.friends.map((friend) => ({ ...friend, online: false }));
    for (const profile of stored.profiles) this.profiles.set(profile.userId, profile);
    this.emit({ type: 'friendsLoaded', friends: this.friends });
    this.emit({ type: 'profilesLoaded', profiles: stored.profiles });
  }

  /** Fetches friends and requests anew. */
  async refresh(): Promise<void> {
    const [friends, received, sent] = await Promise.all([
      this.api.friends(),
      this.api.friendRequests('received'),
      this.api.friendRequests('sent'),
    ]);
    this.friends = friends;
    for (const friend of friends) this.profiles.set(friend.friendId, friend.profile);
    this.emit({ type: 'friendsLoaded', friends });
    this.emit({ type: 'requestsLoaded', received, sent });
    this.refreshed = true;
    await this.fetchStrangers();
    await this.keep();
  }

  /** Fetches the profiles of peers that are no friends, such as former ones; once it is known who the friends are. */
  async learnPeers(conversations: readonly Conversation[]): Promise<void> {
    for (const { peerId } of conversations) if (peerId !== null) this.strangers.add(peerId);
    if (this.refreshed) await this.fetchStrangers();
  }

  search(query: string): Promise<readonly Profile[]> {
    return this.api.searchUsers(query);
  }

  async request(userId: UserId, message: string): Promise<void> {
    await this.api.requestFriend(userId, message);
    await this.refresh();
  }

  async accept(id: FriendRequestId): Promise<void> {
    await this.api.acceptRequest(id);
    await this.refresh();
  }

  async reject(id: FriendRequestId): Promise<void> {
    await this.api.rejectRequest(id);
    await this.refresh();
  }

  async remove(friendId: UserId): Promise<void> {
    await this.api.removeFriend(friendId);
    await this.refresh();
  }

  async setRemark(friendId: UserId, remark: string): Promise<void> {
    await this.api.setRemark(friendId, remark);
    await this.refresh();
  }

  private async fetchStrangers(): Promise<void> {
    const unknown = [...this.strangers].filter((peer) => !this.profiles.has(peer));
    this.strangers.clear();
    if (unknown.length === 0) return;
    const answers = await Promise.allSettled(unknown.map((peer) => this.api.profile(peer)));
    const profiles = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    for (const profile of profiles) this.profiles.set(profile.userId, profile);
    this.emit({ type: 'profilesLoaded', profiles });
  }

  private async keep(): Promise<void> {
    try {
      await this.storage.savePeople({ friends: this.friends, profiles: [...this.profiles.values()] });
    } catch (error) {
      report('people could not be kept', error);
    }
  }
}
