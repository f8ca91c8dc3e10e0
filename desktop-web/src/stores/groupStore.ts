import { create } from 'zustand';
import type { ClientEvent } from '@/types/event';
import type { Group, JoinRequest, Member } from '@/types/group';
import type { ConversationId } from '@/types/ids';

export interface GroupView {
  readonly group: Group;
  /** By user id. */
  readonly members: readonly Member[];
  readonly requests: readonly JoinRequest[];
}

export interface GroupState {
  /** Groups whose panel was opened, as they were then. */
  readonly groups: Readonly<Record<ConversationId, GroupView>>;
  /** How often requests to join were told to change: who shows them reads them anew. */
  readonly joinNews: number;
}

const EMPTY: GroupState = { groups: {}, joinNews: 0 };

export const useGroupStore = create<GroupState>(() => EMPTY);

export function reduceGroups(state: GroupState, event: ClientEvent): GroupState {
  switch (event.type) {
    case 'signedIn':
    case 'signedOut':
      return EMPTY;
    case 'groupLoaded': {
      const { group, members, requests } = event;
      return { ...state, groups: { ...state.groups, [group.id]: { group, members, requests } } };
    }
    case 'joinRequestChanged':
      return { ...state, joinNews: state.joinNews + 1 };
    default:
      return state;
  }
}
