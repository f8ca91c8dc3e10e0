import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Api } from '@/services/api/api';
import { openStorage } from '@/services/storage/openStorage';
import { ALICE, BOB, CAROL, makeFriend } from '@/test/people';
import type { ClientEvent } from '@/types/event';
import { People } from './people';

const profile = vi.fn<Api['profile']>();
const friends = vi.fn<Api['friends']>();
const friendRequests = vi.fn<Api['friendRequests']>();
const block = vi.fn<Api['block']>();
const blocked = vi.fn<Api['blocked']>();

async function open(isGuest: boolean) {
  const events: ClientEvent[] = [];
  const storage = await openStorage(ALICE.userId);
  const api = { profile, friends, friendRequests, block, blocked } as unknown as Api;
  const people = new People(api, storage, (event) => events.push(event), isGuest);
  return { people, events };
}

beforeEach(() => {
  profile.mockReset();
  friends.mockReset().mockResolvedValue([]);
  friendRequests.mockReset().mockResolvedValue([]);
});

describe('people', () => {
  /** B11: the server refuses the lists of friends to guests. */
  it('does not ask for the friends of a guest', async () => {
    const { people, events } = await open(true);
    await people.refresh();
    expect(friends).not.toHaveBeenCalled();
    expect(friendRequests).not.toHaveBeenCalled();
    profile.mockResolvedValue(BOB);
    await people.learn([BOB.userId]);
    expect(events).toEqual([{ type: 'profilesLoaded', profiles: [BOB] }]);
  });

  it('takes over what somebody is called now', async () => {
    const { people, events } = await open(false);
    friends.mockResolvedValue([makeFriend(BOB)]);
    await people.refresh();
    await people.changed(BOB.userId, 'Robert', '/files/bob.png');
    const profile = { ...BOB, nickname: 'Robert', avatar: '/files/bob.png' };
    expect(events.at(-1)).toEqual({ type: 'profilesLoaded', profiles: [profile] });
    await people.changed(CAROL.userId, 'Caro', '');
    expect(events.at(-1)).toEqual({ type: 'profilesLoaded', profiles: [profile] });
  });

  it('asks for the profile of a stranger once', async () => {
    const { people } = await open(false);
    await people.refresh();
    profile.mockResolvedValue(BOB);
    await Promise.all([people.learn([BOB.userId, BOB.userId]), people.learn([BOB.userId])]);
    await people.learn([BOB.userId]);
    expect(profile).toHaveBeenCalledExactlyOnceWith(BOB.userId);
  });

  /** C5 */
  it('tells whom the user has blocked after each change, with what became of the friends', async () => {
    const { people, events } = await open(false);
    block.mockResolvedValue(undefined);
    blocked.mockResolvedValue([{ userId: BOB.userId, createdAt: 1, profile: BOB }]);
    friends.mockResolvedValue([makeFriend(BOB, { blocked: true })]);
    await people.block(BOB.userId);
    expect(block).toHaveBeenCalledExactlyOnceWith(BOB.userId);
    expect(events).toContainEqual({ type: 'friendsLoaded', friends: [makeFriend(BOB, { blocked: true })] });
    expect(events).toContainEqual({
      type: 'blockedLoaded',
      blocked: [{ userId: BOB.userId, createdAt: 1, profile: BOB }],
    });
  });

  it('does not keep the contact data of somebody who is looked at', async () => {
    const { people, events } = await open(false);
    profile.mockResolvedValue({ ...BOB, phone: '123', email: 'bob@example.org' });
    await expect(people.loadPerson(BOB.userId)).resolves.toMatchObject({ phone: '123' });
    expect(events).toEqual([{ type: 'profilesLoaded', profiles: [BOB] }]);
  });

  it('asks again with the next session for a profile that could not be had', async () => {
    const { people, events } = await open(false);
    await people.refresh();
    profile.mockRejectedValueOnce(new TypeError('no network')).mockResolvedValue(CAROL);
    await people.learn([CAROL.userId]);
    await people.learn([CAROL.userId]);
    expect(profile).toHaveBeenCalledOnce();
    await people.refresh();
    expect(events.at(-1)).toEqual({ type: 'profilesLoaded', profiles: [CAROL] });
  });
});
