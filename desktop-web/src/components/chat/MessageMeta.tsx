import { classes } from '@/utils/classes';
import type { Seq } from '@/types/ids';
import type { DeliveryState } from '@/utils/logRows';
import { formatClock } from '@/utils/time';
import { t } from '@/utils/t';
import { DeliveryMark } from './DeliveryMark';
import { useLogShared, useMessageTab } from './logContext';
import styles from './MessageMeta.module.css';

interface MessageMetaProps {
  readonly seq: Seq | null;
  readonly time: number;
  readonly edited: boolean;
  /** Null: of another one. */
  readonly delivery: DeliveryState | null;
  /** How many others have read it; null: not said. */
  readonly readBy: number | null;
  /** Floats beside the last line, or lies on a picture, or in the corner of a file. */
  readonly look: 'float' | 'pill' | 'corner';
}

/** When a message was sent, whether it was edited, and how far it got. */
export function MessageMeta({ seq, time, edited, delivery, readBy, look }: MessageMetaProps) {
  const { showsSenders, showReceipts } = useLogShared();
  const tab = useMessageTab();
  // In a group there is no one way that a message got far: it says how many have read it.
  const isStored = delivery === 'sent' || delivery === 'delivered' || delivery === 'read';
  const mark = delivery && delivery !== 'failed' && !(showsSenders && isStored) ? delivery : null;
  return (
    <span className={classes(styles.meta, styles[look])}>
      {edited && <span>{t('edited')}</span>}
      {seq !== null && readBy !== null && readBy > 0 && (
        <button type="button" className={styles.readBy} tabIndex={tab} onClick={() => showReceipts(seq)}>
          {t('readBy', { count: readBy })}
        </button>
      )}
      <time dateTime={new Date(time).toISOString()}>{formatClock(time)}</time>
      {mark && <DeliveryMark state={mark} />}
    </span>
  );
}
