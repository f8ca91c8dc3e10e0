import { EntryType } from '@/protocol/codes';
import type { UserId } from '@/types/ids';
import type { PendingMessage } from '@/types/pending';
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

/** A message that did not change has the same body, so that its row need not be drawn anew. */
const bodies = new WeakMap<FoldedMessage | PendingMessage, MessageBody>();

/** What a message shows now. Content that does not read as its type, and types of later versions, are `unsupported` ([E8]). */
export function bodyOf(message: FoldedMessage): MessageBody {
  return remembered(message, readBody);
}

/** What a message of one's own shows before it is stored. */
export function pendingBody(message: PendingMessage): MessageBody {
  return remembered(message, ({ type = EntryType.Text, text, upload }) => {
    // As long as a file is not up, its content says nothing yet.
    if (!upload || text !== '') return sentBody(type, text);
    const { width = 0, height = 0, ...file } = upload;
    return { kind: 'media', type, fileId: '', caption: '', durationMs: 0, width, height, ...file };
  });
}

function remembered<Of extends FoldedMessage | PendingMessage>(
  message: Of,
  read: (message: Of) => MessageBody,
): MessageBody {
  const known = bodies.get(message);
  if (known) return known;
  const body = read(message);
  bodies.set(message, body);
  return body;
}

function readBody({ entry, text, recalledSeq, recalledBy }: FoldedMessage): MessageBody {
  if (recalledSeq > 0) return { kind: 'recalled', by: recalledBy };
  if (entry.type === EntryType.Text || isMedia(entry.type)) return sentBody(entry.type, text);
  const words = notice(entry);
  return words ? { kind: 'notice', ...words } : UNSUPPORTED;
}

function sentBody(type: EntryType, text: string): MessageBody {
  if (!isMedia(type)) return { kind: 'text', text };
  const file = media({ type, text });
  return file ? { kind: 'media', type, ...file } : UNSUPPORTED;
}
