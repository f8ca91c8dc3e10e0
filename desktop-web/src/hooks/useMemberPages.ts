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
  /** Pages under way. One that came is asked for again when the list began anew. */
  const asked = useRef(new Set<string>());
  const more = useCallback(() => {
    const { current: underWay } = asked;
    if (next === null || underWay.has(next)) return;
    underWay.add(next);
    client
      .loadMembers(id, next)
      // What failed is asked for again when somebody scrolls there again.
      .catch(() => undefined)
      .finally(() => underWay.delete(next));
  }, [id, next]);
  useEffect(() => {
    if (all) more();
  }, [all, more]);
  return { complete: next === null, more };
}
