import type { SeenProfile } from '@/types/account';
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
  /** People without a known profile. */
  private readonly strangers = new Set<UserId>();
  /** Strangers that were asked for since the last refresh: one question each. */
  private readonly asked = new Set<UserId>();
  private refreshed = false;

  constructor(
    private readonly api: Api,
    private readonly storage: Storage,
    private readonly emit: Emit,
    private readonly isGuest: boolean,
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

  /** Fetches friends and requests anew, and the profiles that could not be had before. */
  async refresh(): Promise<void> {
    // A guest has no friends, and the server refuses to list them.
    if (!this.isGuest) await this.fetchFriends();
    this.refreshed = true;
    this.asked.clear();
    await this.fetchStrangers();
    await this.keep();
  }

  /** Fetches the profiles of people that are no friends, such as former ones; once it is known who the friends are. */
  async learn(people: readonly UserId[]): Promise<void> {
    for (const person of people) if (!this.profiles.has(person)) this.strangers.add(person);
    if (this.refreshed && (await this.fetchStrangers())) await this.keep();
  }

  /** What others see of somebody changed. Who was never met is fetched when it is needed. */
  async changed(userId: UserId, nickname: string, avatar: string): Promise<void> {
    const before = this.profiles.get(userId);
    if (!before) return;
    const profile: Profile = { ...before, nickname, avatar };
    this.profiles.set(userId, profile);
    this.friends = this.friends.map((friend) =>
      friend.friendId === userId ? { ...friend, profile } : friend,
    );
    this.emit({ type: 'profilesLoaded', profiles: [profile] });
    await this.keep();
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

  async block(userId: UserId): Promise<void> {
    await this.api.block(userId);
    await Promise.all([this.refresh(), this.loadBlocked()]);
  }

  async unblock(userId: UserId): Promise<void> {
    await this.api.unblock(userId);
    await Promise.all([this.refresh(), this.loadBlocked()]);
  }

  async loadBlocked(): Promise<void> {
    this.emit({ type: 'blockedLoaded', blocked: await this.api.blocked() });
  }

  /** Reads the profile of somebody, friend or not. */
  async loadPerson(id: UserId): Promise<SeenProfile> {
    const seen = await this.api.profile(id);
    const { userId, username, nickname, avatar } = seen;
    const profile: Profile = { userId, username, nickname, avatar };
    this.profiles.set(id, profile);
    this.emit({ type: 'profilesLoaded', profiles: [profile] });
    return seen;
  }

  async cancelRequest(id: FriendRequestId): Promise<void> {
    await this.api.cancelRequest(id);
    await this.refresh();
  }

  private async fetchFriends(): Promise<void> {
    const [friends, received, sent] = await Promise.all([
      this.api.friends(),
      this.api.friendRequests('received'),
      this.api.friendRequests('sent'),
    ]);
    this.friends = friends;
    for (const friend of friends) this.profiles.set(friend.friendId, friend.profile);
    this.emit({ type: 'friendsLoaded', friends });
    this.emit({ type: 'requestsLoaded', received, sent });
  }

  /** Says whether somebody became known. Who could not be fetched is asked for again after the next refresh. */
  private async fetchStrangers(): Promise<boolean> {
    const unknown = [...this.strangers].filter((one) => !this.profiles.has(one) && !this.asked.has(one));
    for (const stranger of unknown) this.asked.add(stranger);
    if (unknown.length === 0) return false;
    const answers = await Promise.allSettled(unknown.map((peer) => this.api.profile(peer)));
    const profiles = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    for (const profile of profiles) {
      this.profiles.set(profile.userId, profile);
      this.strangers.delete(profile.userId);
    }
    this.emit({ type: 'profilesLoaded', profiles });
    return profiles.length > 0;
  }

  private async keep(): Promise<void> {
    try {
      await this.storage.savePeople({ friends: this.friends, profiles: [...this.profiles.values()] });
    } catch (error) {
      report('people could not be kept', error);
    }
  }
}
