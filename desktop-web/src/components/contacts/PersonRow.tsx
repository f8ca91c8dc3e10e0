import type { ReactNode } from 'react';
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

/** Somebody on a card, with the actions at the right. */
export function PersonRow({ profile, text, time, children }: PersonRowProps) {
  const name = profile.nickname || profile.username;
  return (
    <li className={styles.row}>
      <Avatar id={profile.userId} name={name} size={48} />
      <span className={shared.grow}>
        <span className={styles.top}>
          <b className={shared.ellipsis}>{name}</b>
          {time && <span className={classes(shared.caption, shared.faint)}>{time}</span>}
        </span>
        <span className={classes(shared.block, shared.label, shared.muted, shared.ellipsis)}>{text}</span>
      </span>
      <span className={styles.actions}>{children}</span>
    </li>
  );
}
