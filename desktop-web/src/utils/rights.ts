import { ConversationType, Role } from '@/protocol/codes';
import type { Conversation } from '@/types/conversation';

/** Why the user cannot write in a conversation. */
export type WriteBlock = 'readOnly' | 'notMember' | 'silencedAll' | 'silenced';

/** Null: the user may write ([M10], [M13]). The server decides; this saves a message that it would refuse. */
export function writeBlock(conversation: Conversation, now: number): WriteBlock | null {
  if (conversation.type === ConversationType.System) return 'readOnly';
  if (conversation.type !== ConversationType.Group) return null;
  if (conversation.role === Role.None) return 'notMember';
  if (conversation.silenced && !leads(conversation)) return 'silencedAll';
  return conversation.silencedUntil > now ? 'silenced' : null;
}

/** Nothing of it notifies now. */
export function isMuted({ mutedUntil }: Pick<Conversation, 'mutedUntil'>, now: number = Date.now()): boolean {
  return mutedUntil > now;
}

/** An admin or the owner. */
export function leads({ role }: Pick<Conversation, 'role'>): boolean {
  return role === Role.Admin || role === Role.Owner;
}
