import { ICONS, type IconName } from '@/constants/icons';
import { classes } from '@/utils/classes';
import styles from './Icon.module.css';

interface IconProps {
  readonly name: IconName;
  readonly size?: 'small' | 'large';
  readonly spinning?: boolean;
}

/** A drawing without a meaning of its own: what acts has a name beside it. */
export function Icon({ name, size, spinning }: IconProps) {
  return (
    <svg
      className={classes(
        styles.icon,
        size && styles[size],
        spinning && styles.spinning,
        name === 'more' && styles.dots,
      )}
      viewBox="0 0 24 24"
      aria-hidden="true"
    >
      {ICONS[name].map((path) => (
        <path key={path} d={path} />
      ))}
    </svg>
  );
}
