import { useEffect, useMemo, useState } from 'react';
import { ConversationType } from '@/protocol/codes';
import { client } from '@/services/client';
import { useAccountStore } from '@/stores/accountStore';
import { useChatStore } from '@/stores/chatStore';
import { useContactStore } from '@/stores/contactStore';
import { useGroupStore } from '@/stores/groupStore';
import { EVERYBODY, type ConversationId, type UserId } from '@/types/ids';
import type { Profile } from '@/types/person';
import { mentionLabel, mentionQuery, type MentionQuery } from '@/utils/mentions';
import { report } from '@/utils/report';
import { leads } from '@/utils/rights';

/** So many are offered at once. */
const MAX_OFFERED = 20;

/** With fewer that match, more members of a large group are read; no more than so many. */
const ENOUGH = 5;
const MAX_MEMBERS = 2_000;

/** Somebody who can be called. */
export interface Candidate {
  readonly userId: UserId;
  /** What is put into the text. */
  readonly label: string;
  /** What this user calls them, if that is another name. */
  readonly remark: string;
  /** Empty for everybody. */
  readonly username: string;
}

export interface Mentions {
  readonly query: MentionQuery | null;
  readonly candidates: readonly Candidate[];
  readonly active: number;
  readonly move: (by: 1 | -1) => void;
  /** The caret or the text is another. */
  readonly look: (text: string, caret: number) => void;
  /** Not for this `@`. */
  readonly dismiss: () => void;
}

/** Who is offered while an `@` is typed: the members of a group, and everybody for those who may call them ([M12]). */
export function useMentions(conversationId: ConversationId): Mentions {
  const [query, setQuery] = useState<MentionQuery | null>(null);
  const [dismissed, setDismissed] = useState(-1);
  const [active, setActive] = useState(0);
  const self = useAccountStore((state) => state.account?.userId);
  const isGroup = useChatStore(
    (state) => state.conversations[conversationId]?.type === ConversationType.Group,
  );
  const mayCallAll = useChatStore((state) => {
    const conversation = state.conversations[conversationId];
    return conversation !== undefined && isGroup && leads(conversation);
  });
  const members = useGroupStore((state) => state.groups[conversationId]?.members);
  const nextAfter = useGroupStore((state) => state.groups[conversationId]?.nextAfter ?? null);
  const friends = useContactStore((state) => state.friends);
  const isOpen = isGroup && query !== null && query.start !== dismissed;
  const isUnknown = isOpen && members === undefined;

  useEffect(() => {
    if (!isUnknown) return;
    client
      .loadGroup(conversationId)
      .catch((error: unknown) => report('the members could not be loaded', error));
  }, [conversationId, isUnknown]);

  const all = useMemo((): readonly Candidate[] => {
    const people = (members ?? [])
      .filter(({ userId }) => userId !== self)
      .map(({ userId, profile }) =>
        candidate(userId, profile, friends.find(({ friendId }) => friendId === userId)?.remark),
      );
    const everybody = {
      userId: EVERYBODY,
      label: mentionLabel(EVERYBODY, undefined),
      remark: '',
      username: '',
    };
    return mayCallAll ? [everybody, ...people] : people;
  }, [members, friends, self, mayCallAll]);

  const filter = isOpen ? query.filter.toLowerCase() : null;
  const candidates = useMemo(
    () => (filter === null ? [] : matching(all, filter).slice(0, MAX_OFFERED)),
    [all, filter],
  );

  const lacks = filter !== null && filter !== '' && candidates.length < ENOUGH;
  const page = lacks && (members?.length ?? 0) < MAX_MEMBERS ? nextAfter : null;
  useEffect(() => {
    if (page === null) return;
    client
      .loadMembers(conversationId, page)
      .catch((error: unknown) => report('more members could not be loaded', error));
  }, [conversationId, page]);

  return {
    query: isOpen && candidates.length > 0 ? query : null,
    candidates,
    active: Math.min(active, Math.max(0, candidates.length - 1)),
    move: (by) =>
      setActive(
        (before) => (Math.min(before, candidates.length - 1) + by + candidates.length) % candidates.length,
      ),
    look: (text, caret) => {
      if (!isGroup) return;
      const next = mentionQuery(text, caret);
      if (next?.start === query?.start && next?.filter === query?.filter) return;
      setQuery(next);
      setActive(0);
      if (next?.start !== dismissed) setDismissed(-1);
    },
    dismiss: () => setDismissed(query?.start ?? -1),
  };
}

function candidate(userId: UserId, profile: Profile, remark: string = ''): Candidate {
  const label = mentionLabel(userId, profile);
  return { userId, label, remark: remark === label ? '' : remark, username: profile.username };
}

/** Names that begin so come before names that hold it further in. */
function matching(all: readonly Candidate[], filter: string): readonly Candidate[] {
  if (filter === '') return all;
  const rank = ({ label, remark, username }: Candidate) => {
    const names = [label, remark, username].map((name) => name.toLowerCase());
    if (names.some((name) => name.startsWith(filter))) return 0;
    return names.some((name) => name.includes(filter)) ? 1 : 2;
  };
  return all.filter((one) => rank(one) < 2).sort((a, b) => rank(a) - rank(b));
}
