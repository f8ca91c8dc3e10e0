import type { Emit } from '@/types/event';
import type { Members } from '@/types/generated/rest';
import type { Member, NewGroup } from '@/types/group';
import type { ConversationId, UserId } from '@/types/ids';
import type { Api } from '@/services/api/api';

/** Pages of members that are fetched for a panel: larger groups show their first members only. */
const MAX_PAGES = 5;

/** Groups over REST. What happens to them comes back as entries; the panel is read anew after each action. */
export class Groups {
  constructor(
    private readonly api: Api,
    private readonly emit: Emit,
  ) {}

  /** Makes a group with friends in it. Gives its conversation, whose state comes by an event. */
  async create(group: NewGroup): Promise<ConversationId> {
    return (await this.api.createGroup(group)).id;
  }

  /** Reads a group and its members, and who wants to join where the user has to answer. */
  async load(id: ConversationId): Promise<void> {
    const [group, members] = await Promise.all([this.api.group(id), this.members(id)]);
    const leads = group.role === 'admin' || group.role === 'owner';
    const requests = leads ? await this.api.joinRequests(id) : [];
    this.emit({ type: 'profilesLoaded', profiles: [...members, ...requests].map(({ profile }) => profile) });
    this.emit({ type: 'groupLoaded', group, members, requests });
  }

  /** Lets somebody in who asked, or not. */
  async answer(id: ConversationId, userId: UserId, accept: boolean): Promise<void> {
    await this.api.answerJoinRequest(id, userId, accept);
    await this.load(id);
  }

  async rename(id: ConversationId, name: string): Promise<void> {
    await this.api.renameGroup(id, name);
    await this.load(id);
  }

  async invite(id: ConversationId, userIds: readonly UserId[]): Promise<void> {
    await this.api.inviteToGroup(id, userIds);
    await this.load(id);
  }

  async remove(id: ConversationId, userId: UserId): Promise<void> {
    await this.api.removeFromGroup(id, userId);
    await this.load(id);
  }

  async setRole(id: ConversationId, userId: UserId, role: 'member' | 'admin'): Promise<void> {
    await this.api.setGroupRole(id, userId, role);
    await this.load(id);
  }

  async transfer(id: ConversationId, userId: UserId): Promise<void> {
    await this.api.transferGroup(id, userId);
    await this.load(id);
  }

  leave(id: ConversationId, self: UserId): Promise<void> {
    return this.api.removeFromGroup(id, self);
  }

  dissolve(id: ConversationId): Promise<void> {
    return this.api.dissolveGroup(id);
  }

  private async members(id: ConversationId): Promise<readonly Member[]> {
    const members: Member[] = [];
    let after: string | undefined;
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const page: Members = await this.api.groupMembers(id, after);
      members.push(...page.members);
      after = page.nextAfter ?? undefined;
      if (!after) break;
    }
    return members;
  }
}
