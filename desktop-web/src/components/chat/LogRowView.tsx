import { memo } from 'react';
import { eventText } from '@/utils/entryText';
import type { LogRow } from '@/utils/logRows';
import { formatDay } from '@/utils/time';
import { t } from '@/utils/t';
import { useLogShared } from './logContext';
import { MessageItem } from './MessageItem';
import { RecalledNote } from './RecalledNote';
import styles from './LogRowView.module.css';

interface LogRowViewProps {
  readonly row: LogRow;
  /** Stands before the first message. */
  readonly beginning: string;
  /** Of others, when the log was opened. */
  readonly unread: number;
  readonly active: boolean;
  readonly current: boolean;
  readonly outlined: boolean;
  readonly readBy: number | null;
}

/** One row of a log: a message, or what stands between messages. */
export const LogRowView = memo(function LogRowView({ row, beginning, unread, ...message }: LogRowViewProps) {
  const people = useLogShared();
  return (
    <div className={styles.row}>
      {row.kind === 'message' && <MessageItem row={row} {...message} />}
      {row.kind === 'recalled' && <RecalledNote row={row} active={message.active} />}
      {row.kind === 'event' && (
        <p className={styles.event}>{eventText(row.entry, people) ?? t('unsupportedMessage')}</p>
      )}
      {row.kind === 'day' && <p className={styles.day}>{formatDay(row.time)}</p>}
      {row.kind === 'unread' && <p className={styles.unread}>{unreadText(unread)}</p>}
      {row.kind === 'start' && <p className={styles.start}>{beginning}</p>}
    </div>
  );
});

function unreadText(count: number): string {
  if (count === 1) return t('newMessageOne');
  return count > 0 ? t('newMessageCount', { count }) : t('newMessages');
}
