import { ConversationType } from '@/protocol/codes';
import { nameOf, type ContactState } from '@/stores/contactStore';
import { titleOf } from '@/stores/titles';
import type { Conversation } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import type { UserId } from '@/types/ids';
import { previewOf } from '@/utils/entryText';
import { t } from '@/utils/t';

/** A body of a notification shows about so much. */
const MAX_LENGTH = 160;

/** What a notification says: where, who, and what if that may be seen. */
export function noticeOf(
  conversation: Conversation,
  entry: Entry,
  contacts: Pick<ContactState, 'friends' | 'profiles'>,
  self: UserId | undefined,
  withPreview: boolean,
): { readonly title: string; readonly body: string } {
  const title = titleOf(conversation, contacts);
  if (!withPreview) return { title, body: t('noticeHidden') };
  const people = { self, nameOf: (id: UserId) => nameOf(contacts, id) };
  const { who, text } = previewOf(entry, people, conversation.type === ConversationType.Group);
  const line = (who ? t('noticeLine', { who, text }) : text).replace(/\s+/g, ' ');
  const characters = [...line];
  const body = characters.length > MAX_LENGTH ? `${characters.slice(0, MAX_LENGTH - 1).join('')}…` : line;
  return { title, body };
}
