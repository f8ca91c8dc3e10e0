import { create } from 'zustand';
import type { ClientEvent } from '@/types/event';
import type { ConversationId, Seq } from '@/types/ids';

/** So long what was taken back can be written anew, milliseconds. */
export const AGAIN_MS = 5 * 60_000;

interface Recalled {
  readonly text: string;
  /** Milliseconds since 1970, by this device's clock. */
  readonly at: number;
}

export interface RecallState {
  /** What the user took back in this page, by `key`. It is nowhere else any more. */
  readonly recalled: Readonly<Record<string, Recalled>>;
  readonly keep: (conversationId: ConversationId, seq: Seq, text: string, now: number) => void;
}

/** The texts that the user took back lately, to write them again. */
export const useRecallStore = create<RecallState>((set) => ({
  recalled: {},
  keep: (conversationId, seq, text, now) =>
    set(({ recalled }) => {
      const fresh = Object.entries(recalled).filter(([, { at }]) => now - at < AGAIN_MS);
      return {
        recalled: { ...Object.fromEntries(fresh), [recallKey(conversationId, seq)]: { text, at: now } },
      };
    }),
}));

export function recallKey(conversationId: ConversationId, seq: Seq): string {
  return `${conversationId} ${seq}`;
}

/** Another user begins with nothing. */
export function reduceRecalls(state: RecallState, event: ClientEvent): RecallState {
  return event.type === 'signedIn' || event.type === 'signedOut' ? { ...state, recalled: {} } : state;
}
