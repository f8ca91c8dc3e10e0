import { create } from 'zustand';
import type { ClientEvent } from '@/types/event';
import type { ConversationId, Seq } from '@/types/ids';

export interface PageState {
  /** A newer version comes with the next loading of the page. */
  readonly updateReady: boolean;
  /** What a notification that was clicked is about, until it is shown. */
  readonly wanted: { readonly conversationId: ConversationId; readonly seq: Seq } | null;
}

export const usePageStore = create<PageState>(() => ({ updateReady: false, wanted: null }));

export function reducePage(state: PageState, event: ClientEvent): PageState {
  switch (event.type) {
    case 'updateFound':
      return { ...state, updateReady: true };
    case 'notificationClicked':
      return { ...state, wanted: { conversationId: event.conversationId, seq: event.seq } };
    default:
      return state;
  }
}
