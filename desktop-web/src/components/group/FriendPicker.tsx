import { Checkbox } from '@/components/ant/parts';
import { useState } from 'react';
import { Avatar } from '@/components/common/Avatar';
import { Icon } from '@/components/common/Icon';
import { SearchField } from '@/components/common/SearchField';
import { useNames } from '@/hooks/useNames';
import shared from '@/theme/shared.module.css';
import type { UserId } from '@/types/ids';
import type { Friend } from '@/types/person';
import { t } from '@/utils/t';
import styles from './FriendPicker.module.css';

interface FriendPickerProps {
  readonly friends: readonly Friend[];
  readonly chosen: readonly UserId[];
  readonly onChange: (chosen: readonly UserId[]) => void;
}

/** Some of one's friends: a list to choose from, and those who are chosen, to be taken out again. */
export function FriendPicker({ friends, chosen, onChange }: FriendPickerProps) {
  const [query, setQuery] = useState('');
  const nameOf = useNames();
  const wanted = query.trim().toLowerCase();
  const remove = (friendId: UserId) => onChange(chosen.filter((one) => one !== friendId));
  const toggle = (friendId: UserId) =>
    chosen.includes(friendId) ? remove(friendId) : onChange([...chosen, friendId]);
  const offered = friends
    .map(({ friendId, profile }) => ({ friendId, name: nameOf(friendId), username: profile.username }))
    .filter(({ name, username }) => name.toLowerCase().includes(wanted) || username.includes(wanted));
  return (
    <div className={styles.picker}>
      {chosen.length > 0 && (
        <ul className={styles.chips} aria-label={t('chosenMembers')}>
          {chosen.map((friendId) => (
            <li key={friendId}>
              <button type="button" className={styles.chip} onClick={() => remove(friendId)}>
                <Avatar id={friendId} name={nameOf(friendId)} size={32} />
                <span className={shared.ellipsis} aria-hidden="true">
                  {nameOf(friendId)}
                </span>
                <span className={shared.hidden}>{t('takeOut', { name: nameOf(friendId) })}</span>
                <Icon name="close" size="small" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <SearchField label={t('searchFriends')} value={query} onChange={setQuery} />
      <ul className={styles.friends} aria-label={t('chooseMembers')}>
        {offered.map(({ friendId, name, username }) => (
          <li key={friendId}>
            <Checkbox
              className={styles.friend ?? ''}
              checked={chosen.includes(friendId)}
              onChange={() => toggle(friendId)}
            >
              <span className={styles.person}>
                <Avatar id={friendId} name={name} size={32} />
                <span className={styles.names}>
                  <span className={shared.ellipsis}>{name}</span>
                  <span className={styles.username}>{`@${username}`}</span>
                </span>
              </span>
            </Checkbox>
          </li>
        ))}
      </ul>
      {offered.length === 0 && <p className={shared.muted}>{t('noFriendMatches')}</p>}
      <p className={styles.count} role="status">
        {t('chosenCount', { count: chosen.length })}
      </p>
    </div>
  );
}
