import { useAccountStore } from '@/stores/accountStore';
import { useChatStore } from '@/stores/chatStore';
import { useContactStore } from '@/stores/contactStore';
import { asConversationId, asUserId } from '@/types/ids';

/** Where the picture of a person, or of a group by its conversation, is; empty: it has none that is known here. */
export function usePicture(id: string, group: boolean): string {
  const own = useAccountStore(({ account }) => (account?.userId === id ? account.profile.avatar : ''));
  const person = useContactStore(({ profiles }) => (group ? '' : (profiles[asUserId(id)]?.avatar ?? '')));
  const conversation = useChatStore(({ conversations }) =>
    group ? (conversations[asConversationId(id)]?.avatar ?? '') : '',
  );
  return group ? conversation : own || person;
}
