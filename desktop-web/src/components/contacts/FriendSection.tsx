import { NavLink } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import shared from '@/theme/shared.module.css';
import type { Friend } from '@/types/person';
import { classes } from '@/utils/classes';
import styles from './FriendList.module.css';

interface Person {
  readonly friend: Friend;
  readonly name: string;
  readonly online: boolean;
}

interface FriendSectionProps {
  readonly title: string;
  readonly people: readonly Person[];
}

/** Friends under a heading with their number; nothing when there are none. */
export function FriendSection({ title, people }: FriendSectionProps) {
  if (people.length === 0) return null;
  return (
    <>
      <h2 className={styles.section}>
        <span>{title}</span>
        <span>{people.length}</span>
      </h2>
      <ul className={shared.rows}>
        {people.map(({ friend, name, online }) => (
          <li key={friend.friendId}>
            <NavLink className={styles.person ?? ''} to={`/contacts/${friend.friendId}`}>
              <Avatar id={friend.friendId} name={name} online={online} />
              <span className={shared.grow}>
                <span className={classes(shared.block, shared.strong, shared.ellipsis)}>{name}</span>
                <span className={classes(shared.block, shared.caption, shared.muted, shared.ellipsis)}>
                  {`@${friend.profile.username}`}
                </span>
              </span>
            </NavLink>
          </li>
        ))}
      </ul>
    </>
  );
}
