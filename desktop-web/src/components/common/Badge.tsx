import { formatCount } from '@/utils/text';
import { classes } from '@/utils/classes';
import shared from '@/theme/shared.module.css';
import styles from './Badge.module.css';

interface BadgeProps {
  readonly count: number;
  /** The whole sentence, for readers. */
  readonly label: string;
  readonly className?: string | undefined;
}

/** A count that asks for attention; nothing when it is 0. */
export function Badge({ count, label, className }: BadgeProps) {
  if (count === 0) return null;
  return (
    <span className={classes(styles.badge, className)}>
      <span aria-hidden="true">{formatCount(count)}</span>
      <span className={shared.hidden}>{label}</span>
    </span>
  );
}
