import { NavLink } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import { Tag } from '@/components/common/Tag';
import { useNow } from '@/hooks/useNow';
import row from '@/theme/row.module.css';
import shared from '@/theme/shared.module.css';
import type { Friend } from '@/types/person';
import { classes } from '@/utils/classes';
import { formatAgo } from '@/utils/time';
import { t } from '@/utils/t';
import styles from './ContactList.module.css';

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
  const now = useNow(60_000);
  if (people.length === 0) return null;
  const about = ({ friend, online }: Person) =>
    !online && friend.lastSeen
      ? t('seenAgo', { time: formatAgo(friend.lastSeen, now) })
      : `@${friend.profile.username}`;
  return (
    <>
      <h2 className={row.section}>
        <span>{title}</span>
        <span>{people.length}</span>
      </h2>
      <ul className={shared.rows}>
        {people.map((person) => (
          <li key={person.friend.friendId}>
            <NavLink className={classes(row.row, styles.person)} to={`/contacts/${person.friend.friendId}`}>
              <Avatar id={person.friend.friendId} name={person.name} online={person.online} />
              <span className={shared.grow}>
                <span className={classes(shared.block, shared.strong, shared.ellipsis)}>{person.name}</span>
                <span className={classes(shared.block, shared.caption, shared.muted, shared.ellipsis)}>
                  {about(person)}
                </span>
              </span>
              {person.friend.blocked && <Tag text={t('blockedTag')} />}
            </NavLink>
          </li>
        ))}
      </ul>
    </>
  );
}
