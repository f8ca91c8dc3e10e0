import { useCallback } from 'react';
import { useGroupStore } from '@/stores/groupStore';
import type { Conversation } from '@/types/conversation';
import type { UserId } from '@/types/ids';

/** Who leads a group. Of admins it is known once its members are loaded. The function stays the same as long as the roles do. */
export function useGroupRoles({ id, ownerId }: Conversation): (userId: UserId) => 'owner' | 'admin' | null {
  const members = useGroupStore((state) => state.groups[id]?.members);
  return useCallback(
    (userId) => {
      if (userId === ownerId) return 'owner';
      const role = members?.find((member) => member.userId === userId)?.role;
      return role === 'owner' || role === 'admin' ? role : null;
    },
    [ownerId, members],
  );
}
