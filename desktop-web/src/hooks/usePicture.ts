import { useAccountStore } from '@/stores/accountStore';
import { useChatStore } from '@/stores/chatStore';
import { useContactStore } from '@/stores/contactStore';
import type { ConversationId, UserId } from '@/types/ids';
import { ownPicture } from '@/utils/ownPicture';

/** The address of the picture of a person, or of a group; '' where there is none. */
export function usePicture(id: string, group: boolean): string {
  const ofGroup = useChatStore((state) => group && state.conversations[id as ConversationId]?.avatar);
  const ofSelf = useAccountStore(({ account }) => account?.userId === id && account.profile.avatar);
  const ofPerson = useContactStore((state) => state.profiles[id as UserId]?.avatar);
  if (group) return ownPicture(ofGroup || '');
  return ownPicture(ofSelf === false ? ofPerson : ofSelf);
}
