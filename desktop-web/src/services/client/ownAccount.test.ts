import { describe, expect, it, vi } from 'vitest';
import type { Api } from '@/services/api/api';
import type { Files } from '@/services/api/files';
import type { OwnProfile } from '@/types/account';
import { SessionEnded } from '@/services/session/errors';
import { eventually } from '@/test/eventually';
import { ALICE, BOB } from '@/test/people';
import { ownAccountOf } from './ownAccount';

type UploadedAvatar = Awaited<ReturnType<Files['uploadAvatar']>>;

/** An answer that a test gives by hand. */
function later<Answer>() {
  let resolve: (answer: Answer) => void = () => undefined;
  const promise = new Promise<Answer>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** B4 */
it('saves one change of the profile after the other, also after one that was refused', async () => {
  const answers: { resolve: (profile: OwnProfile) => void; reject: (error: Error) => void }[] = [];
  const updateProfile = vi.fn<Api['updateProfile']>(
    () => new Promise((resolve, reject) => answers.push({ resolve, reject })),
  );
  const onProfile = vi.fn();
  const account = ownAccountOf(
    { updateProfile } as unknown as Api,
    {} as Files,
    () => ALICE.userId,
    onProfile,
  );
  const changes = [{ nickname: 'Ada' }, { phone: '1' }, { nickname: 'Countess' }];
  const [first, second, third] = changes.map((change) => account.updateProfile(change));
  await Promise.resolve();
  expect(updateProfile.mock.calls).toEqual([[changes[0]]]);
  answers[0]?.resolve({ nickname: 'Ada', avatar: '' } as OwnProfile);
  await first;
  await eventually(() => expect(answers).toHaveLength(2));
  answers[1]?.reject(new Error('refused'));
  await expect(second).rejects.toThrow('refused');
  await eventually(() => expect(answers).toHaveLength(3));
  answers[2]?.resolve({ nickname: 'Countess', avatar: '' } as OwnProfile);
  await third;
  expect(onProfile.mock.calls).toEqual([
    ['Ada', ''],
    ['Countess', ''],
  ]);
});

/** B4, B9 */
describe('what one user began', () => {
  const profile = (nickname: string) => ({ nickname, avatar: '' }) as OwnProfile;

  function makeAccount() {
    const parts = { self: ALICE.userId };
    const api = { ownProfile: vi.fn<Api['ownProfile']>(), updateProfile: vi.fn<Api['updateProfile']>() };
    const files = { uploadAvatar: vi.fn<Files['uploadAvatar']>() };
    const onProfile = vi.fn();
    const account = ownAccountOf(
      api as unknown as Api,
      files as unknown as Files,
      () => parts.self,
      onProfile,
    );
    return { parts, api, files, onProfile, account };
  }

  it('is not done as the next one: a picture that was long on its way', async () => {
    const { parts, api, files, account } = makeAccount();
    const picture = later<UploadedAvatar>();
    files.uploadAvatar.mockReturnValue(picture.promise);
    const set = account.setPicture(new Blob());
    parts.self = BOB.userId;
    picture.resolve({ url: 'alice.png' } as UploadedAvatar);
    await expect(set).rejects.toBeInstanceOf(SessionEnded);
    expect(api.updateProfile).not.toHaveBeenCalled();
  });

  it('is not shown as of the next one, who waits for none of it', async () => {
    const { parts, api, onProfile, account } = makeAccount();
    const late = later<OwnProfile>();
    api.ownProfile.mockReturnValueOnce(late.promise).mockResolvedValueOnce(profile('Bob'));
    const asked = account.ownProfile();
    await eventually(() => expect(api.ownProfile).toHaveBeenCalledOnce());
    parts.self = BOB.userId;
    await account.ownProfile();
    late.resolve(profile('Alice'));
    await expect(asked).rejects.toBeInstanceOf(SessionEnded);
    expect(onProfile.mock.calls).toEqual([['Bob', '']]);
  });

  it('tells the profile as it was last, however late it was read', async () => {
    const { api, onProfile, account } = makeAccount();
    const late = later<OwnProfile>();
    api.ownProfile.mockReturnValue(late.promise);
    api.updateProfile.mockResolvedValue(profile('Countess'));
    const asked = account.ownProfile();
    const updated = account.updateProfile({ nickname: 'Countess' });
    await eventually(() => expect(api.ownProfile).toHaveBeenCalledOnce());
    late.resolve(profile('Ada'));
    await Promise.all([asked, updated]);
    expect(onProfile.mock.lastCall).toEqual(['Countess', '']);
  });
});
