import { Button } from '@/components/common/Button';
import type { Loaded } from '@/hooks/useLoaded';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { errorText, t } from '@/utils/t';
import styles from './CardState.module.css';

interface CardStateProps {
  readonly loaded: Pick<Loaded<unknown>, 'value' | 'failure' | 'reload'>;
  /** Rows that are drawn while it is awaited. */
  readonly rows?: number;
}

/** What stands in a card whose content is not there: rows to come, which show after 200 ms, or why there are none. */
export function CardState({ loaded: { value, failure, reload }, rows = 3 }: CardStateProps) {
  if (value !== undefined) return null;
  if (failure !== null)
    return (
      <div className={styles.failure} role="alert">
        <p>{errorText(failure)}</p>
        <Button size="small" onClick={reload}>
          {t('tryAgain')}
        </Button>
      </div>
    );
  return (
    <div className={styles.skeleton} aria-busy="true">
      {ROWS.slice(0, rows).map((row) => (
        <span key={row} className={classes(styles.bar, shared.shine)} />
      ))}
    </div>
  );
}

const ROWS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'] as const;
