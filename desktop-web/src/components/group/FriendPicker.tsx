import { Checkbox } from 'antd';
import { useState } from 'react';
import { Avatar } from '@/components/common/Avatar';
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

/** Some of one's friends. */
export function FriendPicker({ friends, chosen, onChange }: FriendPickerProps) {
  const [query, setQuery] = useState('');
  const nameOf = useNames();
  const wanted = query.trim().toLowerCase();
  const toggle = (friendId: UserId) =>
    onChange(chosen.includes(friendId) ? chosen.filter((one) => one !== friendId) : [...chosen, friendId]);
  return (
    <div className={styles.picker}>
      <SearchField label={t('searchFriends')} value={query} onChange={setQuery} />
      <ul className={styles.friends} aria-label={t('chooseMembers')}>
        {friends
          .map(({ friendId }) => ({ friendId, name: nameOf(friendId) }))
          .filter(({ name }) => name.toLowerCase().includes(wanted))
          .map(({ friendId, name }) => (
            <li key={friendId}>
              <Checkbox
                className={styles.friend ?? ''}
                checked={chosen.includes(friendId)}
                onChange={() => toggle(friendId)}
              >
                <span className={styles.person}>
                  <Avatar id={friendId} name={name} size={32} />
                  <span className={shared.ellipsis}>{name}</span>
                </span>
              </Checkbox>
            </li>
          ))}
      </ul>
      <p className={shared.muted} role="status">
        {t('chosenCount', { count: chosen.length })}
      </p>
    </div>
  );
}
