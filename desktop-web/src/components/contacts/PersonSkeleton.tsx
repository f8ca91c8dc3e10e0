import { t } from '@/utils/t';
import styles from './PersonSkeleton.module.css';

const ROWS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;

/** In place of people who are awaited; seen after 200 ms only. */
export function PersonSkeleton() {
  return (
    <div className={styles.rows} role="status" aria-label={t('contactLoading')}>
      {ROWS.map((row) => (
        <div key={row} className={styles.row}>
          <span className={styles.face} />
          <span className={styles.name} />
        </div>
      ))}
    </div>
  );
}
