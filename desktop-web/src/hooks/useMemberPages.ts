import { useCallback, useEffect, useRef } from 'react';
import { client } from '@/services/client';
import { useGroupStore } from '@/stores/groupStore';
import type { ConversationId } from '@/types/ids';

/**
 * The pages of members behind those that are here: `more` asks for the next one. With `all` they come one after the other until there is no
 * more, because a search looks at everybody.
 */
export function useMemberPages(
  id: ConversationId,
  all: boolean,
): { readonly complete: boolean; readonly more: () => void } {
  const next = useGroupStore((state) => state.groups[id]?.nextAfter ?? null);
  const asked = useRef<string | null>(null);
  const more = useCallback(() => {
    if (next === null || asked.current === next) return;
    asked.current = next;
    client.loadMembers(id, next).catch(() => {
      // It is asked for again when somebody scrolls there again.
      asked.current = null;
    });
  }, [id, next]);
  useEffect(() => {
    if (all) more();
  }, [all, more]);
  return { complete: next === null, more };
}
