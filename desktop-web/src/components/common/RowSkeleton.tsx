import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import styles from './RowSkeleton.module.css';

const ROWS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;

interface RowSkeletonProps {
  readonly kind: 'chats' | 'people' | 'messages';
  readonly label: string;
}

/** In place of rows that are awaited. Seen only when that takes longer than an eye notices. */
export function RowSkeleton({ kind, label }: RowSkeletonProps) {
  return (
    <div className={classes(styles.rows, styles[kind])} role="status" aria-label={label}>
      {ROWS.map((row) => (
        <div key={row} className={styles.row}>
          <span className={classes(styles.face, shared.shine)} />
          <span className={styles.lines}>
            <span className={classes(styles.bar, shared.shine)} />
            {kind === 'chats' && <span className={classes(styles.bar, shared.shine)} />}
          </span>
        </div>
      ))}
    </div>
  );
}
