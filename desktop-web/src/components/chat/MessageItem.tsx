import { memo } from 'react';
import { Avatar } from '@/components/common/Avatar';
import { Icon } from '@/components/common/Icon';
import type { TextName } from '@/constants/texts/en';
import { client } from '@/services/client';
import type { ConversationId, UserId } from '@/types/ids';
import { classes } from '@/utils/classes';
import { bodyText } from '@/utils/entryText';
import type { DeliveryState, MessageRow } from '@/utils/logRows';
import { formatClock } from '@/utils/time';
import { errorText, t } from '@/utils/t';
import { DeliveryMark } from './DeliveryMark';
import { MessageActions } from './MessageActions';
import { MessageContent } from './MessageContent';
import { QuoteBlock } from './QuoteBlock';
import { ReactionRow } from './ReactionRow';
import styles from './MessageItem.module.css';

const STATE_NAMES: Readonly<Record<DeliveryState, TextName>> = {
  sending: 'stateSending',
  sent: 'stateSent',
  delivered: 'stateDelivered',
  read: 'stateRead',
  failed: 'stateFailed',
};

interface MessageItemProps {
  readonly conversationId: ConversationId;
  readonly row: MessageRow;
  readonly self: UserId;
  readonly nameOf: (userId: UserId) => string;
  /** The name stands over the first message of a group. */
  readonly showsSender: boolean;
  readonly canWrite: boolean;
  /** Takes back what others wrote. */
  readonly canModerate: boolean;
}

/** A log is laid out anew with each change of it; most rows say the same as before. */
function isSame(
  { row: before, ...rest }: MessageItemProps,
  { row: after, ...others }: MessageItemProps,
): boolean {
  const same = (Object.keys(rest) as (keyof typeof rest)[]).every((name) =>
    Object.is(rest[name], others[name]),
  );
  return same && JSON.stringify(before) === JSON.stringify(after);
}

/** One message as a bubble, with what it answers, its time and mark, reactions, and what can be done with it. */
export const MessageItem = memo(function MessageItem({
  conversationId,
  row,
  self,
  nameOf,
  showsSender,
  canWrite,
  canModerate,
}: MessageItemProps) {
  const { seq, own, body } = row;
  const time = formatClock(row.time);
  const failed = row.delivery === 'failed';
  const senderName = nameOf(row.senderId);
  const name = row.delivery
    ? t('messageName', { sender: t('you'), time, state: t(STATE_NAMES[row.delivery]) })
    : t('messageNameOther', { sender: senderName, time });
  const quoted = row.quote?.message?.senderId;
  const reacted = row.reactions.filter(({ users }) => users.includes(self)).map(({ reaction }) => reaction);
  return (
    <article
      className={classes(styles.message, own && styles.own, row.continues && styles.continues)}
      aria-label={name}
      data-state={row.delivery ?? undefined}
    >
      {!own && (row.closes ? <Avatar id={row.senderId} name={senderName} size={32} /> : <span />)}
      <div className={styles.body}>
        {showsSender && !own && !row.continues && <p className={styles.sender}>{senderName}</p>}
        <div className={styles.line}>
          <div
            className={classes(
              styles.bubble,
              !row.closes && styles.inner,
              failed && styles.failed,
              row.waiting && styles.waiting,
            )}
          >
            {row.quote && (
              <QuoteBlock
                quote={row.quote}
                senderName={quoted === self ? t('you') : quoted ? nameOf(quoted) : ''}
              />
            )}
            <MessageContent body={body} />
            <span className={styles.meta}>
              {row.edited && <span>{t('edited')}</span>}
              <time dateTime={new Date(row.time).toISOString()}>{time}</time>
              {row.delivery && !failed && <DeliveryMark state={row.waiting ? 'sending' : row.delivery} />}
            </span>
          </div>
          {seq !== null && (
            <MessageActions
              conversationId={conversationId}
              seq={seq}
              senderId={row.senderId}
              text={bodyText(body)}
              mentions={row.mentions}
              isText={body.kind === 'text'}
              canWrite={canWrite}
              canEdit={canWrite && own && body.kind === 'text'}
              canRecall={canWrite && (own || canModerate)}
              hasReceipts={own && showsSender && canWrite}
              reacted={reacted.join(' ')}
            />
          )}
        </div>
        {seq !== null && row.reactions.length > 0 && (
          <ReactionRow
            conversationId={conversationId}
            seq={seq}
            self={self}
            reactions={row.reactions}
            nameOf={nameOf}
            disabled={!canWrite}
          />
        )}
        {failed && row.pending && (
          <p className={styles.failure} role="alert">
            <Icon name="alert" size="small" />
            {row.pending.failure === null
              ? t('failed')
              : t('failedBecause', { reason: errorText(row.pending.failure) })}
            <button
              type="button"
              className={styles.link}
              onClick={() => row.pending && void client.resend(row.pending.clientMessageId)}
            >
              {t('resend')}
            </button>
            <button
              type="button"
              className={styles.link}
              onClick={() => row.pending && void client.discard(row.pending.clientMessageId)}
            >
              {t('discard')}
            </button>
          </p>
        )}
      </div>
    </article>
  );
}, isSame);
