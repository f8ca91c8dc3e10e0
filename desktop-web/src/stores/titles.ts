import { ConversationType } from '@/protocol/codes';
import type { Conversation } from '@/types/conversation';
import { ANNOUNCEMENTS } from '@/types/ids';
import { t } from '@/utils/t';
import { nameOf, type ContactState } from './contactStore';

/** What a conversation is called: its group's name, the other one's, or what it is. */
export function titleOf(
  { id, type, peerId, name }: Conversation,
  contacts: Pick<ContactState, 'friends' | 'profiles'>,
): string {
  if (type === ConversationType.Group) return name;
  if (type === ConversationType.System) return t(id === ANNOUNCEMENTS ? 'announcements' : 'notifications');
  return (peerId && nameOf(contacts, peerId)) || t('unknownPerson');
}
