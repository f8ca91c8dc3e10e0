import { create } from 'zustand';
import type { Code } from '@/protocol/codes';
import type { ClientEvent } from '@/types/event';
import type { ClientMessageId } from '@/types/ids';

export interface RefusalState {
  /** The change that the server refused last; it was taken back from the screen. */
  readonly refusal: { readonly id: ClientMessageId; readonly code: Code } | null;
}

export const useRefusalStore = create<RefusalState>(() => ({ refusal: null }));

export function reduceRefusals(state: RefusalState, event: ClientEvent): RefusalState {
  switch (event.type) {
    case 'signedIn':
    case 'signedOut':
      return { refusal: null };
    case 'changeRefused':
      return { refusal: { id: event.change.clientMessageId, code: event.code } };
    default:
      return state;
  }
}
