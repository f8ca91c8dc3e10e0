import { classes } from '@/utils/classes';
import { hueOf, initial } from '@/utils/text';
import { t } from '@/utils/t';
import shared from '@/theme/shared.module.css';
import styles from './Avatar.module.css';

interface AvatarProps {
  /** Gives the colour. */
  readonly id: string;
  readonly name: string;
  readonly size?: 32 | 40 | 48 | 88;
  /** Null: presence is not shown. */
  readonly online?: boolean | null;
}

/** Initial on a colour, with a dot for presence whose shape differs as well. */
export function Avatar({ id, name, size = 40, online = null }: AvatarProps) {
  return (
    <span className={classes(styles.avatar, styles[`size${size}`])} data-hue={hueOf(id)}>
      <span aria-hidden="true">{initial(name)}</span>
      {online !== null && (
        <span className={classes(styles.presence, !online && styles.off)}>
          <span className={shared.hidden}>{t(online ? 'online' : 'offline')}</span>
        </span>
      )}
    </span>
  );
}
