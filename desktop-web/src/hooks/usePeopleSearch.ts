import { useEffect, useMemo, useState } from 'react';
import { client } from '@/services/client';
import { ConversationType } from '@/protocol/codes';
import { useChatStore } from '@/stores/chatStore';
import { nameOf, useContactStore } from '@/stores/contactStore';
import type { Conversation } from '@/types/conversation';
import type { UserId } from '@/types/ids';
import type { Profile } from '@/types/person';
import { SETTLE_MS } from './useMessageSearch';

export interface FoundPerson {
  readonly userId: UserId;
  readonly name: string;
  readonly username: string;
  /** A friend, or somebody that there is a chat with already; else a stranger. */
  readonly isKnown: boolean;
}

interface PeopleSearch {
  readonly people: readonly FoundPerson[];
  readonly groups: readonly Conversation[];
}

const NOBODY: readonly FoundPerson[] = [];

/** People and groups by name: those that are known here, and of others, where nobody is, who has exactly this username. */
export function usePeopleSearch(query: string): PeopleSearch {
  const wanted = query.trim().toLowerCase();
  const conversations = useChatStore((state) => state.conversations);
  const friends = useContactStore((state) => state.friends);
  const profiles = useContactStore((state) => state.profiles);
  const [strangers, setStrangers] = useState<{
    readonly wanted: string;
    readonly found: readonly Profile[];
  }>();

  const groups = useMemo(
    () =>
      Object.values(conversations)
        .filter(({ type, name }) => type === ConversationType.Group && name.toLowerCase().includes(wanted))
        .sort((a, b) => b.activity - a.activity),
    [conversations, wanted],
  );
  const known = useMemo(() => {
    const friendIds = new Set(friends.map(({ friendId }) => friendId));
    const partners = Object.values(conversations).flatMap(({ peerId }) => peerId ?? []);
    return [...new Set([...friendIds, ...partners])]
      .map((userId) => ({
        userId,
        name: nameOf({ friends, profiles }, userId),
        username: profiles[userId]?.username ?? '',
        nickname: profiles[userId]?.nickname ?? '',
        isKnown: true,
      }))
      .filter(({ name, username, nickname }) =>
        [name, username, nickname].some((one) => one.toLowerCase().includes(wanted)),
      )
      .sort((a, b) => a.name.localeCompare(b.name));
  }, [friends, profiles, conversations, wanted]);

  const asksServer = wanted !== '' && known.length === 0;
  useEffect(() => {
    if (!asksServer) return;
    let stale = false;
    const timer = window.setTimeout(() => {
      client.searchUsers(wanted).then(
        (found) => {
          if (!stale) setStrangers({ wanted, found });
        },
        // Without a server nobody else is known.
        () => undefined,
      );
    }, SETTLE_MS);
    return () => {
      stale = true;
      window.clearTimeout(timer);
    };
  }, [asksServer, wanted]);

  if (wanted === '') return { people: NOBODY, groups: [] };
  if (!asksServer) return { people: known, groups };
  const others = strangers?.wanted === wanted ? strangers.found : [];
  return {
    people: others.map(({ userId, nickname, username }) => ({
      userId,
      name: nickname || username,
      username,
      isKnown: false,
    })),
    groups,
  };
}
