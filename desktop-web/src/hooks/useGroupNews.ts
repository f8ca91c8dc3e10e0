import { useEffect } from 'react';
import { client } from '@/services/client';
import { useGroupStore } from '@/stores/groupStore';
import type { ConversationId } from '@/types/ids';

/** Of much that happens at once the last is waited for, milliseconds. */
const CALM_MS = 400;

/** Reads a group as it is shown, and again after something happened to its face or members. */
export function useGroupNews(id: ConversationId, isMember: boolean): void {
  const news = useGroupStore((state) => state.news[id] ?? 0);
  useEffect(() => {
    if (!isMember) return;
    // Without a network what was read before shows.
    const load = () => void client.loadGroup(id).catch(() => undefined);
    if (news === 0) return load();
    const timer = setTimeout(load, CALM_MS);
    return () => clearTimeout(timer);
  }, [id, isMember, news]);
}
