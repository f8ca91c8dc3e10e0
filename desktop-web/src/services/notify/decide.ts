import { ConversationType, isCountable } from '@/protocol/codes';
import type { Connection } from '@/types/connection';
import type { Conversation } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import type { ConversationId, UserId } from '@/types/ids';
import { isMuted } from '@/utils/rights';

/** How things are at the moment at which an entry arrives. */
export interface Moment {
  readonly self: UserId | undefined;
  readonly phase: Connection['phase'];
  /** Conversations that are on a visible screen, in any tab. */
  readonly watched: readonly ConversationId[];
  /** The user wants no notifications until then; milliseconds since 1970. */
  readonly quietUntil: number;
  readonly now: number;
}

/** Whom nothing of this conversation notifies, mentions included, as the server decides it for pushes ([P2], [P5]). */
function isQuiet({ type, archived, mutedUntil }: Conversation, now: number): boolean {
  return type === ConversationType.World || archived || isMuted({ mutedUntil }, now);
}

/** Which of the entries that were just applied the user is told of. Pure. */
export function worthTelling(
  conversation: Conversation,
  entries: readonly Entry[],
  { self, phase, watched, quietUntil, now }: Moment,
): readonly Entry[] {
  // What is caught up on was there before: the list shows it as unread.
  if (phase !== 'online' || now < quietUntil) return [];
  if (isQuiet(conversation, now) || watched.includes(conversation.id)) return [];
  return entries.filter(
    ({ senderId, type, seq, recalledSeq }) =>
      senderId !== self && isCountable(type) && recalledSeq === 0 && seq > conversation.readSeq,
  );
}
