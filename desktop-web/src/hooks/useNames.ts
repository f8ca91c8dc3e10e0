import { useCallback } from 'react';
import { nameOf, useContactStore } from '@/stores/contactStore';
import type { UserId } from '@/types/ids';
import { t } from '@/utils/t';

/** Names people; who is not known yet is "Someone". The function stays the same as long as the names do. */
export function useNames(): (userId: UserId) => string {
  const friends = useContactStore((state) => state.friends);
  const profiles = useContactStore((state) => state.profiles);
  return useCallback(
    (userId) => nameOf({ friends, profiles }, userId) || t('unknownPerson'),
    [friends, profiles],
  );
}
