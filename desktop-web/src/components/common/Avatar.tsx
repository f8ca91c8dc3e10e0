import { useState } from 'react';
import { usePicture } from '@/hooks/usePicture';
import { classes } from '@/utils/classes';
import { ownPicture } from '@/utils/ownPicture';
import { hueOf, initial } from '@/utils/text';
import { t } from '@/utils/t';
import shared from '@/theme/shared.module.css';
import styles from './Avatar.module.css';

interface AvatarProps {
  /** Gives the colour, and the picture of who is known. */
  readonly id: string;
  readonly name: string;
  readonly size?: 32 | 40 | 48 | 72 | 88;
  /** Of a conversation, not of a person: another shape. */
  readonly group?: boolean;
  /** A picture that no store has, or '' for none. */
  readonly picture?: string;
  /** A ring of the accent around it, where it is the subject of the page. */
  readonly ring?: boolean;
  /** Null: presence is not shown. */
  readonly online?: boolean | null;
}

/**
 * The picture of a person or group, over the initial on a colour, which shows until it is there and when it is not. A dot for
 * presence differs in shape as well.
 */
export function Avatar({ id, name, size = 40, group = false, picture, ring, online = null }: AvatarProps) {
  const known = usePicture(id, group);
  const address = picture === undefined ? known : ownPicture(picture);
  const [failed, setFailed] = useState('');
  return (
    <span
      className={classes(styles.avatar, styles[`size${size}`], group && styles.group, ring && styles.ring)}
      data-hue={hueOf(id)}
    >
      <span aria-hidden="true">{initial(name)}</span>
      {address && address !== failed && (
        <img
          className={styles.picture}
          src={address}
          alt=""
          loading="lazy"
          decoding="async"
          draggable={false}
          onError={() => setFailed(address)}
        />
      )}
      {online !== null && (
        <span className={classes(styles.presence, !online && styles.off)}>
          <span className={shared.hidden}>{t(online ? 'online' : 'offline')}</span>
        </span>
      )}
    </span>
  );
}
