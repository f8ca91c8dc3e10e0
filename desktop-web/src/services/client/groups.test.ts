import { describe, expect, it, vi } from 'vitest';
import type { Api } from '@/services/api/api';
import type { Files } from '@/services/api/files';
import { GROUP, makeGroup, makeMember } from '@/test/groups';
import { ALICE, BOB, CAROL } from '@/test/people';
import type { ClientEvent } from '@/types/event';
import type { FileInfo } from '@/types/file';
import type { Group } from '@/types/group';
import { Groups } from './groups';

const PICTURE: FileInfo = {
  fileId: '7',
  name: 'avatar',
  mime: 'image/webp',
  size: 3,
  sha256: '',
  createdAt: 0,
  url: '/api/v1/files/7/original',
};

function open(role: Group['role'] = 'member') {
  const events: ClientEvent[] = [];
  const api = {
    group: vi.fn<Api['group']>().mockResolvedValue(makeGroup({ role })),
    createGroup: vi.fn<Api['createGroup']>().mockResolvedValue(makeGroup()),
    updateGroup: vi.fn<Api['updateGroup']>().mockResolvedValue(undefined),
    changeMember: vi.fn<Api['changeMember']>().mockResolvedValue(undefined),
    inviteToGroup: vi.fn<Api['inviteToGroup']>().mockResolvedValue(false),
    groupMembers: vi
      .fn<Api['groupMembers']>()
      .mockResolvedValueOnce({ members: [makeMember(ALICE)], nextAfter: ALICE.userId })
      .mockResolvedValue({ members: [makeMember(BOB)], nextAfter: null }),
    joinRequests: vi
      .fn<Api['joinRequests']>()
      .mockResolvedValue([
        { userId: CAROL.userId, askedBy: CAROL.userId, message: '', createdAt: 0, profile: CAROL },
      ]),
    answerJoinRequest: vi.fn<Api['answerJoinRequest']>().mockResolvedValue(undefined),
  };
  const files = { uploadAvatar: vi.fn<Files['uploadAvatar']>().mockResolvedValue(PICTURE) };
  const groups = new Groups(api as unknown as Api, files, (event) => events.push(event));
  return { api, files, events, groups };
}

/** E1, E2 */
describe('groups', () => {
  it('are read with the first page of their members, whose names are known then, and page by page', async () => {
    const { api, events, groups } = open();
    await groups.load(GROUP);
    expect(api.joinRequests).not.toHaveBeenCalled();
    expect(events).toMatchObject([
      { type: 'profilesLoaded', profiles: [ALICE] },
      { type: 'groupLoaded', members: [{ userId: ALICE.userId }], nextAfter: ALICE.userId, requests: [] },
    ]);
    await groups.loadMembers(GROUP, ALICE.userId);
    expect(api.groupMembers.mock.calls).toEqual([[GROUP], [GROUP, ALICE.userId]]);
    expect(events.slice(2)).toMatchObject([
      { type: 'profilesLoaded', profiles: [BOB] },
      { type: 'membersLoaded', conversationId: GROUP, after: ALICE.userId, nextAfter: null },
    ]);
  });

  it('say to those who lead them who wants to join', async () => {
    const { api, events, groups } = open('admin');
    await groups.answer(GROUP, CAROL.userId, true);
    expect(api.answerJoinRequest).toHaveBeenCalledExactlyOnceWith(GROUP, CAROL.userId, true);
    expect(events.at(-1)).toMatchObject({ type: 'groupLoaded', requests: [{ userId: CAROL.userId }] });
  });

  it('have their picture uploaded before they are made or changed', async () => {
    const { api, files, groups } = open('owner');
    const picture = new Blob(['png']);
    const group = { name: 'Tea', memberIds: [BOB.userId] };
    await expect(groups.create(group, picture)).resolves.toBe(GROUP);
    expect(files.uploadAvatar).toHaveBeenCalledExactlyOnceWith(picture);
    expect(api.createGroup).toHaveBeenCalledExactlyOnceWith({ ...group, avatar: PICTURE.url });
    await groups.setPicture(GROUP, null);
    expect(api.updateGroup).toHaveBeenCalledExactlyOnceWith(GROUP, { avatar: '' });
  });

  it('take a voice and give a role', async () => {
    const { api, groups } = open('owner');
    await groups.silence(GROUP, BOB.userId, 9);
    await groups.setRole(GROUP, BOB.userId, 'admin');
    expect(api.changeMember.mock.calls).toEqual([
      [GROUP, BOB.userId, { silencedUntil: 9 }],
      [GROUP, BOB.userId, { role: 'admin' }],
    ]);
  });

  it('say whether the admins have to agree to an invitation', async () => {
    const { groups } = open();
    await expect(groups.invite(GROUP, [CAROL.userId])).resolves.toBe(false);
  });
});
