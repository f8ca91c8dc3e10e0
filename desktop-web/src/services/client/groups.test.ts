import { describe, expect, it, vi } from 'vitest';
import type { Api } from '@/services/api/api';
import { ALICE, BOB, CAROL } from '@/test/people';
import type { ClientEvent } from '@/types/event';
import type { Group, Member } from '@/types/group';
import { asConversationId } from '@/types/ids';
import type { Profile } from '@/types/person';
import { Groups } from './groups';

const GROUP = asConversationId('80');
const member = (profile: Profile): Member => ({
  userId: profile.userId,
  role: 'member',
  joinedAt: 1,
  silencedUntil: null,
  profile,
});

function open(role: Group['role']) {
  const events: ClientEvent[] = [];
  const group = { id: GROUP, name: 'Tea', avatar: '', memberCount: 3, joinPolicy: 'approval', role } as const;
  const api = {
    group: vi.fn<Api['group']>().mockResolvedValue(group),
    groupMembers: vi
      .fn<Api['groupMembers']>()
      .mockResolvedValueOnce({ members: [member(ALICE)], nextAfter: ALICE.userId })
      .mockResolvedValue({ members: [member(BOB)], nextAfter: null }),
    joinRequests: vi
      .fn<Api['joinRequests']>()
      .mockResolvedValue([
        { userId: CAROL.userId, askedBy: CAROL.userId, message: '', createdAt: 0, profile: CAROL },
      ]),
    answerJoinRequest: vi.fn<Api['answerJoinRequest']>().mockResolvedValue(undefined),
  };
  return { api, events, groups: new Groups(api as unknown as Api, (event) => events.push(event)) };
}

/** E5, E6 */
describe('groups', () => {
  it('are read with all pages of their members, whose names are known then', async () => {
    const { api, events, groups } = open('member');
    await groups.load(GROUP);
    expect(api.groupMembers.mock.calls).toEqual([
      [GROUP, undefined],
      [GROUP, ALICE.userId],
    ]);
    expect(api.joinRequests).not.toHaveBeenCalled();
    expect(events).toMatchObject([
      { type: 'profilesLoaded', profiles: [ALICE, BOB] },
      { type: 'groupLoaded', members: [{ userId: ALICE.userId }, { userId: BOB.userId }], requests: [] },
    ]);
  });

  it('say to those who lead them who wants to join', async () => {
    const { api, events, groups } = open('admin');
    await groups.answer(GROUP, CAROL.userId, true);
    expect(api.answerJoinRequest).toHaveBeenCalledExactlyOnceWith(GROUP, CAROL.userId, true);
    expect(events.at(-1)).toMatchObject({ type: 'groupLoaded', requests: [{ userId: CAROL.userId }] });
  });
});
