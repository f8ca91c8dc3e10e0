import { memo } from 'react';
import { Avatar } from '@/components/common/Avatar';
import { Icon } from '@/components/common/Icon';
import { client } from '@/services/client';
import { classes } from '@/utils/classes';
import type { DeliveryState, MessageRow } from '@/utils/logRows';
import type { TextName } from '@/constants/texts/en';
import { formatClock } from '@/utils/time';
import { errorText, t } from '@/utils/t';
import { DeliveryMark } from './DeliveryMark';
import styles from './MessageItem.module.css';

const STATE_NAMES: Readonly<Record<DeliveryState, TextName>> = {
  sending: 'stateSending',
  sent: 'stateSent',
  delivered: 'stateDelivered',
  read: 'stateRead',
  failed: 'stateFailed',
};

interface MessageItemProps {
  readonly row: MessageRow;
  readonly senderName: string;
  /** The name stands over the first message of a group. */
  readonly showsSender?: boolean;
}

/** One message as a bubble, with its time, its mark, and what can be done when it failed. */
export const MessageItem = memo(function MessageItem({
  row,
  senderName,
  showsSender = false,
}: MessageItemProps) {
  const time = formatClock(row.time);
  const failed = row.delivery === 'failed';
  const name = row.delivery
    ? t('messageName', { sender: t('you'), time, state: t(STATE_NAMES[row.delivery]) })
    : t('messageNameOther', { sender: senderName, time });
  return (
    <article
      className={classes(styles.message, row.own && styles.own, row.continues && styles.continues)}
      aria-label={name}
      data-state={row.delivery ?? undefined}
    >
      {!row.own && (row.closes ? <Avatar id={row.senderId} name={senderName} size={32} /> : <span />)}
      <div className={styles.body}>
        {showsSender && !row.own && !row.continues && <p className={styles.sender}>{senderName}</p>}
        <div className={classes(styles.bubble, !row.closes && styles.inner, failed && styles.failed)}>
          <span className={styles.text}>{row.supported ? row.text : t('unsupportedMessage')}</span>
          <span className={styles.meta}>
            <time dateTime={new Date(row.time).toISOString()}>{time}</time>
            {row.delivery && !failed && <DeliveryMark state={row.delivery} />}
          </span>
        </div>
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
});
