import { EntryType } from '@/protocol/codes';
import type { UserId } from '@/types/ids';
import { isMedia, media, notice, type Media } from './content';
import type { FoldedMessage } from './fold';

/** What a message shows. */
export type MessageBody =
  | { readonly kind: 'text'; readonly text: string }
  | ({ readonly kind: 'media'; readonly type: EntryType } & Media)
  | { readonly kind: 'notice'; readonly title: string; readonly content: string }
  | { readonly kind: 'recalled'; readonly by: UserId | null }
  | { readonly kind: 'unsupported' };

const UNSUPPORTED: MessageBody = { kind: 'unsupported' };

/** What a message of one's own shows before it is stored. */
export function sentBody(type: EntryType, text: string): MessageBody {
  if (!isMedia(type)) return { kind: 'text', text };
  const file = media({ type, text });
  return file ? { kind: 'media', type, ...file } : UNSUPPORTED;
}

/** What a message shows now. Content that does not read as its type, and types of later versions, are `unsupported` ([E8]). */
export function bodyOf({ entry, text, recalledSeq, recalledBy }: FoldedMessage): MessageBody {
  if (recalledSeq > 0) return { kind: 'recalled', by: recalledBy };
  if (entry.type === EntryType.Text || isMedia(entry.type)) return sentBody(entry.type, text);
  const words = notice(entry);
  return words ? { kind: 'notice', ...words } : UNSUPPORTED;
}
