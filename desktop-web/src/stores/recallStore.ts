import { create } from 'zustand';
import type { ClientEvent } from '@/types/event';
import type { ConversationId, Seq, UserId } from '@/types/ids';

/** So long what was taken back can be written anew, milliseconds. */
export const AGAIN_MS = 5 * 60_000;

export interface Recalled {
  readonly text: string;
  readonly mentions: readonly UserId[];
  /** Milliseconds since 1970, by this device's clock. */
  readonly at: number;
}

export interface RecallState {
  /** What the user took back in this page, by `key`. It is nowhere else any more. */
  readonly recalled: Readonly<Record<string, Recalled>>;
  readonly keep: (conversationId: ConversationId, seq: Seq, message: Recalled) => void;
}

/** The texts that the user took back lately, to write them again. */
export const useRecallStore = create<RecallState>((set) => ({
  recalled: {},
  keep: (conversationId, seq, message) =>
    set(({ recalled }) => {
      const fresh = Object.entries(recalled).filter(([, { at }]) => message.at - at < AGAIN_MS);
      return { recalled: { ...Object.fromEntries(fresh), [recallKey(conversationId, seq)]: message } };
    }),
}));

export function recallKey(conversationId: ConversationId, seq: Seq): string {
  return `${conversationId} ${seq}`;
}

/** Another user begins with nothing. */
export function reduceRecalls(state: RecallState, event: ClientEvent): RecallState {
  return event.type === 'signedIn' || event.type === 'signedOut' ? { ...state, recalled: {} } : state;
}
