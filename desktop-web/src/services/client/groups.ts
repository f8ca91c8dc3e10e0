import type { Emit } from '@/types/event';
import type { Group, GroupChange, NewGroup } from '@/types/group';
import type { ConversationId, UserId } from '@/types/ids';
import type { Api } from '@/services/api/api';
import type { Files } from '@/services/api/files';

/** Groups over REST. What happens to them comes back as entries, by which those who show them read them anew. */
export class Groups {
  constructor(
    private readonly api: Api,
    private readonly files: Pick<Files, 'uploadAvatar'>,
    private readonly emit: Emit,
  ) {}

  /** Makes a group with friends in it. Gives its conversation, whose state comes by an event. */
  async create(group: NewGroup, picture?: Blob): Promise<ConversationId> {
    const avatar = picture ? (await this.files.uploadAvatar(picture)).url : '';
    return (await this.api.createGroup({ ...group, avatar })).id;
  }

  /** Reads a group and the first page of its members, and who wants to join where the user has to answer. */
  async load(id: ConversationId): Promise<void> {
    const [group, { members, nextAfter }] = await Promise.all([
      this.api.group(id),
      this.api.groupMembers(id),
    ]);
    const leads = group.role === 'admin' || group.role === 'owner';
    const requests = leads ? await this.api.joinRequests(id) : [];
    this.emit({ type: 'profilesLoaded', profiles: [...members, ...requests].map(({ profile }) => profile) });
    this.emit({ type: 'groupLoaded', group, members, requests, nextAfter: nextAfter ?? null });
  }

  /** Reads the page of members after the one that ended with `after`. */
  async loadMembers(id: ConversationId, after: string): Promise<void> {
    const { members, nextAfter } = await this.api.groupMembers(id, after);
    this.emit({ type: 'profilesLoaded', profiles: members.map(({ profile }) => profile) });
    this.emit({ type: 'membersLoaded', conversationId: id, members, after, nextAfter: nextAfter ?? null });
  }

  /** What anybody is told of a group who knows its id. */
  face(id: ConversationId): Promise<Group> {
    return this.api.group(id);
  }

  /** True: the user is a member now. False: those who lead the group are asked. */
  join(id: ConversationId, message: string): Promise<boolean> {
    return this.api.joinGroup(id, message);
  }

  /** Lets somebody in who asked, or not. */
  async answer(id: ConversationId, userId: UserId, accept: boolean): Promise<void> {
    await this.api.answerJoinRequest(id, userId, accept);
    await this.load(id);
  }

  /** What is missing in `change` stays as it is. */
  async update(id: ConversationId, change: GroupChange): Promise<void> {
    await this.api.updateGroup(id, change);
    await this.load(id);
  }

  async setPicture(id: ConversationId, picture: Blob | null): Promise<void> {
    await this.update(id, { avatar: picture ? (await this.files.uploadAvatar(picture)).url : '' });
  }

  /** True: they are members now. False: those who lead the group are asked. */
  async invite(id: ConversationId, userIds: readonly UserId[]): Promise<boolean> {
    const admitted = await this.api.inviteToGroup(id, userIds);
    await this.load(id);
    return admitted;
  }

  async remove(id: ConversationId, userId: UserId): Promise<void> {
    await this.api.removeFromGroup(id, userId);
    await this.load(id);
  }

  async setRole(id: ConversationId, userId: UserId, role: 'member' | 'admin'): Promise<void> {
    await this.api.changeMember(id, userId, { role });
    await this.load(id);
  }

  /** `until`: milliseconds since 1970; 0 gives the voice back. */
  async silence(id: ConversationId, userId: UserId, until: number): Promise<void> {
    await this.api.changeMember(id, userId, { silencedUntil: until });
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
}
