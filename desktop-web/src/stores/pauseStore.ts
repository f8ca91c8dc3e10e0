import { create } from 'zustand';
import type { ClientEvent } from '@/types/event';
import type { ConversationId } from '@/types/ids';

export interface PauseState {
  /** Until when nothing is sent to a conversation because too much was, milliseconds since 1970. */
  readonly pauses: Readonly<Record<ConversationId, number>>;
}

const EMPTY: PauseState = { pauses: {} };

export const usePauseStore = create<PauseState>(() => EMPTY);

export function reducePauses(state: PauseState, event: ClientEvent): PauseState {
  switch (event.type) {
    case 'signedIn':
    case 'signedOut':
      return EMPTY;
    case 'sendingPaused':
      return { pauses: { ...state.pauses, [event.conversationId]: event.until } };
    default:
      return state;
  }
}
