import { create } from 'zustand';
import { EntryType, type JoinChange } from '@/protocol/codes';
import type { ClientEvent } from '@/types/event';
import type { Entry } from '@/types/entry';
import type { Group, JoinRequest, Member } from '@/types/group';
import type { ConversationId, UserId } from '@/types/ids';
import { memberChange } from '@/utils/content';

export interface GroupView {
  readonly group: Group;
  /** By user id; all of them when `nextAfter` is null. */
  readonly members: readonly Member[];
  /** Where the next page of members begins. */
  readonly nextAfter: string | null;
  readonly requests: readonly JoinRequest[];
}

export interface GroupState {
  /** Groups whose members were wanted, as they were then. */
  readonly groups: Readonly<Record<ConversationId, GroupView>>;
  /** How often something was told of a group that who shows it reads anew: its face, members, or who wants to join. */
  readonly news: Readonly<Record<ConversationId, number>>;
  /** What was told last of somebody who wants to join, this user or another one. */
  readonly answers: Readonly<Record<ConversationId, JoinNews>>;
}

export interface JoinNews {
  readonly userId: UserId;
  readonly change: JoinChange;
}

const EMPTY: GroupState = { groups: {}, news: {}, answers: {} };

export const useGroupStore = create<GroupState>(() => EMPTY);

export function reduceGroups(state: GroupState, event: ClientEvent): GroupState {
  switch (event.type) {
    case 'signedIn':
    case 'signedOut':
      return EMPTY;
    case 'groupLoaded': {
      const { group, members, requests, nextAfter } = event;
      const before = state.groups[group.id];
      const view = { group, requests, ...withFirstPage(before, members, nextAfter) };
      return { ...state, groups: { ...state.groups, [group.id]: view } };
    }
    case 'membersLoaded': {
      const view = state.groups[event.conversationId];
      // A page that was asked for before the list began anew belongs to another list.
      if (!view || view.nextAfter !== event.after) return state;
      const members = [...view.members, ...event.members];
      return withView(state, { ...view, members, nextAfter: event.nextAfter });
    }
    case 'joinRequestChanged': {
      const { conversationId, userId, change } = event;
      const answers = { ...state.answers, [conversationId]: { userId, change } };
      return withNews({ ...state, answers }, conversationId);
    }
    case 'entriesApplied': {
      const { id } = event.conversation;
      const changes = event.entries.filter(
        ({ type }) => type === EntryType.Member || type === EntryType.Group,
      );
      if (changes.length === 0) return state;
      const view = state.groups[id];
      const moved = view
        ? withView(state, { ...view, members: changes.reduce(moveMembers, view.members) })
        : state;
      return withNews(moved, id);
    }
    default:
      return state;
  }
}

/** The first page is read anew, later ones stay: a large group does not lose its place in the list. */
function withFirstPage(
  before: GroupView | undefined,
  first: readonly Member[],
  nextAfter: string | null,
): Pick<GroupView, 'members' | 'nextAfter'> {
  const end = nextAfter === null ? null : first.at(-1);
  if (!before || !end) return { members: first, nextAfter };
  const later = before.members.filter(({ userId }) => BigInt(userId) > BigInt(end.userId));
  if (later.length === 0) return { members: first, nextAfter };
  return { members: [...first, ...later], nextAfter: before.nextAfter };
}

/** What an entry says of members that are listed; who is new comes when the group is read. */
function moveMembers(members: readonly Member[], entry: Entry): readonly Member[] {
  const change = memberChange(entry);
  const set = (userId: string, fields: Partial<Member>) =>
    members.map((member) => (member.userId === userId ? { ...member, ...fields } : member));
  switch (change?.change) {
    case 'left':
      return set(change.owner ?? '', { role: 'owner' }).filter(({ userId }) => userId !== entry.senderId);
    case 'removed':
      return members.filter(({ userId }) => userId !== change.user);
    case 'role':
      return set(change.user, { role: change.role });
    case 'silenced':
      return set(change.user, { silencedUntil: change.until });
    case 'dissolved':
      return [];
    default:
      return members;
  }
}

function withView(state: GroupState, view: GroupView): GroupState {
  return { ...state, groups: { ...state.groups, [view.group.id]: view } };
}

function withNews(state: GroupState, id: ConversationId): GroupState {
  return { ...state, news: { ...state.news, [id]: (state.news[id] ?? 0) + 1 } };
}
