import { t } from '@/utils/t';
import styles from './ConversationSkeleton.module.css';

const ROWS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;

/** In place of the rows while this device reads what it holds. Seen only when that takes longer than an eye notices. */
export function ConversationSkeleton() {
  return (
    <div className={styles.rows} role="status" aria-label={t('loadingChats')}>
      {ROWS.map((row) => (
        <div key={row} className={styles.row}>
          <span className={styles.face} />
          <span className={styles.lines}>
            <span className={styles.name} />
            <span className={styles.words} />
          </span>
        </div>
      ))}
    </div>
  );
}
