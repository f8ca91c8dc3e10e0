import { EntryType } from '@/protocol/codes';
import type { AckResult } from '@/protocol/frames';
import type { Entry } from '@/types/entry';
import type { UserId } from '@/types/ids';
import { reactionText } from '@/utils/content';
import type { OutboxItem } from './outbox';

/**
 * The entry as every device has it. Another device may have made the same change before; then it is that one's entry, which says the
 * same. A recall is not made here: somebody else may have been the first, and the entry says who.
 */
export function toEntry(item: OutboxItem, result: AckResult, self: UserId): Entry {
  const isMessage = item.kind === 'message';
  return {
    conversationId: item.conversationId,
    seq: result.seq,
    messageIndex: result.messageIndex,
    messageId: result.messageId,
    clientMessageId: item.clientMessageId,
    senderId: self,
    type: isMessage
      ? (item.type ?? EntryType.Text)
      : item.kind === 'edit'
        ? EntryType.Edit
        : EntryType.Reaction,
    text: item.kind === 'reaction' ? reactionText({ reaction: item.text, on: !item.remove }) : item.text,
    createdAt: result.createdAt,
    targetSeq: isMessage ? item.replyToSeq : item.targetSeq,
    mentions: item.mentions,
    editedSeq: 0,
    recalledSeq: 0,
  };
}
