import { formatCount } from '@/utils/text';
import { classes } from '@/utils/classes';
import shared from '@/theme/shared.module.css';
import styles from './Badge.module.css';

interface BadgeProps {
  readonly count: number;
  /** The whole sentence, for readers. */
  readonly label: string;
  /** Of what is muted: it does not ask for attention. */
  readonly quiet?: boolean;
  readonly className?: string | undefined;
}

/** A count; nothing when it is 0. */
export function Badge({ count, label, quiet, className }: BadgeProps) {
  if (count === 0) return null;
  return (
    <span className={classes(styles.badge, quiet && styles.quiet, className)}>
      <span aria-hidden="true">{formatCount(count)}</span>
      <span className={shared.hidden}>{label}</span>
    </span>
  );
}
