import type { Setting } from '@/protocol/codes';
import type { ConversationState, ReceiptResponse } from '@/protocol/frames';
import type { Session } from '@/services/session/session';
import type { ConversationId, Seq, UserId } from '@/types/ids';
import { requestPatiently } from './patience';

/** Members in one page of receipts. */
const RECEIPTS_PAGE = 100;

type Asking = Pick<Session, 'request'>;

/** Sets something for oneself in a conversation ([R16]), and gives the state that holds then. */
export async function setForOneself(
  session: Asking,
  conversationId: ConversationId,
  setting: Setting,
  value: number,
  text: string,
): Promise<ConversationState> {
  const reply = await requestPatiently(session, {
    kind: 'conversationSet',
    conversationId,
    setting,
    value,
    text,
  });
  if (reply.kind !== 'conversationEvent') throw new TypeError(`answered by ${reply.kind}`);
  return reply.state;
}

/** Who has received and read an entry ([R17]): the counts, and members after `after`. */
export async function askReceipts(
  session: Asking,
  conversationId: ConversationId,
  seq: Seq,
  after: UserId | null,
): Promise<ReceiptResponse> {
  const reply = await requestPatiently(session, {
    kind: 'receiptRequest',
    conversationId,
    seq,
    afterUserId: after,
    limit: RECEIPTS_PAGE,
  });
  if (reply.kind !== 'receiptResponse') throw new TypeError(`answered by ${reply.kind}`);
  return reply;
}
