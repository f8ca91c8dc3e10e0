import { create } from 'zustand';
import type { ClientEvent } from '@/types/event';
import type { Group, Member } from '@/types/group';
import type { ConversationId } from '@/types/ids';

export interface GroupView {
  readonly group: Group;
  /** By user id. */
  readonly members: readonly Member[];
}

export interface GroupState {
  /** Groups whose panel was opened, as they were then. */
  readonly groups: Readonly<Record<ConversationId, GroupView>>;
}

const EMPTY: GroupState = { groups: {} };

export const useGroupStore = create<GroupState>(() => EMPTY);

export function reduceGroups(state: GroupState, event: ClientEvent): GroupState {
  switch (event.type) {
    case 'signedIn':
    case 'signedOut':
      return EMPTY;
    case 'groupLoaded': {
      const { group, members } = event;
      return { groups: { ...state.groups, [group.id]: { group, members } } };
    }
    default:
      return state;
  }
}
