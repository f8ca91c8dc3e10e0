import type { DeliveryState } from '@/utils/logRows';
import { classes } from '@/utils/classes';
import { STATE_NAMES } from '@/utils/stateNames';
import { t } from '@/utils/t';
import styles from './DeliveryMark.module.css';

interface Mark {
  readonly viewBox: string;
  readonly path: string;
}

const MARKS: Readonly<Record<DeliveryState, Mark>> = {
  sending: { viewBox: '0 0 12 12', path: 'M6 1.2a4.8 4.8 0 1 1-4.5 3.1' },
  sent: { viewBox: '0 0 18 12', path: 'm4.5 6.5 3 3L14 3' },
  delivered: { viewBox: '0 0 18 12', path: 'm1.5 6.5 3 3L11 3M8.8 9.3l.2.2L15.5 3' },
  read: { viewBox: '0 0 22 14', path: 'm4 7.5 2.5 2.5L12 4.5M10.2 9.8l.3.2L16 4.5' },
  failed: { viewBox: '0 0 12 12', path: 'M6 2v5M6 9.8v.1' },
};

interface DeliveryMarkProps {
  readonly state: DeliveryState;
}

/** How far an own message got: the shape tells the state, colour only supports it. */
export function DeliveryMark({ state }: DeliveryMarkProps) {
  const mark = MARKS[state];
  return (
    <svg
      className={classes(styles.mark, styles[state])}
      viewBox={mark.viewBox}
      role="img"
      aria-label={t(STATE_NAMES[state])}
    >
      {state === 'read' && <rect className={styles.capsule} width="22" height="14" rx="7" />}
      <path className={classes(state === 'read' && styles.cut)} d={mark.path} />
    </svg>
  );
}
