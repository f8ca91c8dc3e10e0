import { NavLink } from 'react-router';
import type { IconName } from '@/constants/icons';
import { Badge } from './Badge';
import { Icon } from './Icon';
import styles from './Rail.module.css';

interface RailItemProps {
  readonly to: string;
  readonly icon: IconName;
  readonly label: string;
  readonly count?: number;
  /** The count as a sentence, for readers. */
  readonly countLabel?: string;
}

/** One place to go to; its name shows where the rail has room. */
export function RailItem({ to, icon, label, count = 0, countLabel = '' }: RailItemProps) {
  return (
    <NavLink className={styles.item ?? ''} to={to} title={label}>
      <Icon name={icon} />
      <span className={styles.label}>{label}</span>
      <Badge className={styles.badge} count={count} label={countLabel} />
    </NavLink>
  );
}
