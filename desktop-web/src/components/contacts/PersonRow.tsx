import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import shared from '@/theme/shared.module.css';
import type { Profile } from '@/types/person';
import { classes } from '@/utils/classes';
import styles from './PersonRow.module.css';

interface PersonRowProps {
  readonly profile: Profile;
  /** The second line. */
  readonly text: string;
  readonly time?: string;
  /** What can be done, or what was done. */
  readonly children: ReactNode;
}

/** Somebody on a card, with the actions at the right; the name leads to more about them. */
export function PersonRow({ profile, text, time, children }: PersonRowProps) {
  const name = profile.nickname || profile.username;
  return (
    <li className={styles.row}>
      <Avatar id={profile.userId} name={name} size={48} picture={profile.avatar} />
      <span className={shared.grow}>
        <span className={styles.top}>
          <Link className={classes(styles.name, shared.ellipsis)} to={`/contacts/${profile.userId}`}>
            {name}
          </Link>
          {time && <span className={classes(shared.caption, shared.faint)}>{time}</span>}
        </span>
        <span className={classes(shared.block, shared.label, shared.muted, styles.text)}>{text}</span>
      </span>
      <span className={styles.actions}>{children}</span>
    </li>
  );
}
