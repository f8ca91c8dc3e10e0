import type { ConversationId } from '@/types/ids';

/** Where somebody asks to be let into a group. */
export function inviteLink(groupId: ConversationId): string {
  return `${location.origin}/join/${groupId}`;
}
