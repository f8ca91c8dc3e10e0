import { EntryType } from '@/protocol/codes';
import type { UserId } from '@/types/ids';
import { isMedia, media, notice } from './content';
import type { FoldedMessage } from './fold';

/** What a message shows. */
export type MessageBody =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'media'; readonly type: EntryType; readonly name: string; readonly caption: string }
  | { readonly kind: 'notice'; readonly title: string; readonly content: string }
  | { readonly kind: 'recalled'; readonly by: UserId | null }
  | { readonly kind: 'unsupported' };

const UNSUPPORTED: MessageBody = { kind: 'unsupported' };

/** What a message shows now. Content that does not read as its type, and types of later versions, are `unsupported` ([E8]). */
export function bodyOf({ entry, text, recalledSeq, recalledBy }: FoldedMessage): MessageBody {
  if (recalledSeq > 0) return { kind: 'recalled', by: recalledBy };
  if (entry.type === EntryType.Text) return { kind: 'text', text };
  if (isMedia(entry.type)) {
    const file = media(entry);
    return file ? { kind: 'media', type: entry.type, ...file } : UNSUPPORTED;
  }
  const words = notice(entry);
  return words ? { kind: 'notice', ...words } : UNSUPPORTED;
}
