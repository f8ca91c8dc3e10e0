import { expect, it, vi } from 'vitest';
import type { Api } from '@/services/api/api';
import type { Files } from '@/services/api/files';
import type { OwnProfile } from '@/types/account';
import { eventually } from '@/test/eventually';
import { ownAccountOf } from './ownAccount';

/** B4 */
it('saves one change of the profile after the other, also after one that was refused', async () => {
  const answers: { resolve: (profile: OwnProfile) => void; reject: (error: Error) => void }[] = [];
  const updateProfile = vi.fn<Api['updateProfile']>(
    () => new Promise((resolve, reject) => answers.push({ resolve, reject })),
  );
  const onProfile = vi.fn();
  const account = ownAccountOf({ updateProfile } as unknown as Api, {} as Files, onProfile);
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
