import { useCallback } from 'react';
import { useAccountStore } from '@/stores/accountStore';
import { useContactStore } from '@/stores/contactStore';
import { EVERYBODY, type UserId } from '@/types/ids';
import { t } from '@/utils/t';

/** What all members are called in a text, in each of the languages that somebody may have written in. */
const EVERYBODY_NAMES = ['everyone', '所有人'];

/** The names by which somebody may be called in a text. The function stays the same as long as the names do. */
export function useCalledNames(): (userId: UserId) => readonly string[] {
  const friends = useContactStore((state) => state.friends);
  const profiles = useContactStore((state) => state.profiles);
  const own = useAccountStore((state) => state.account?.profile);
  return useCallback(
    (userId) => {
      if (userId === EVERYBODY) return [...EVERYBODY_NAMES, t('everyone')];
      const profile = own?.userId === userId ? own : profiles[userId];
      const remark = friends.find(({ friendId }) => friendId === userId)?.remark;
      return [profile?.nickname, profile?.username, remark].filter((name): name is string => Boolean(name));
    },
    [friends, profiles, own],
  );
}
