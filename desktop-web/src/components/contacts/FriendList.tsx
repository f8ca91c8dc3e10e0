import { Segmented } from 'antd';
import { useMemo, useState } from 'react';
import { useNavigate } from 'react-router';
import { Badge } from '@/components/common/Badge';
import { EmptyState } from '@/components/common/EmptyState';
import { IconButton } from '@/components/common/IconButton';
import { SearchField } from '@/components/common/SearchField';
import { useChatStore } from '@/stores/chatStore';
import { nameOf, openRequests, useContactStore } from '@/stores/contactStore';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import { FriendSection } from './FriendSection';
import styles from './FriendList.module.css';

interface FriendListProps {
  /** The main panel shows requests, not a friend. */
  readonly showsRequests: boolean;
}

/** All friends, those online first, with a search and the way to the requests. */
export function FriendList({ showsRequests }: FriendListProps) {
  const navigate = useNavigate();
  const [query, setQuery] = useState('');
  const contacts = useContactStore();
  const loaded = useChatStore((state) => state.loaded);
  const requests = openRequests(contacts);
  const people = useMemo(() => {
    const wanted = query.trim().toLowerCase();
    return contacts.friends
      .map((friend) => ({
        friend,
        name: nameOf(contacts, friend.friendId),
        online: contacts.online[friend.friendId] ?? false,
      }))
      .filter(({ friend, name }) => `${name} ${friend.profile.username}`.toLowerCase().includes(wanted))
      .sort((a, b) => a.name.localeCompare(b.name));
  }, [contacts, query]);

  return (
    <section className={classes(shared.glass, shared.panel)} data-part="list" aria-label={t('contactList')}>
      <header className={shared.header}>
        <h1 className={classes(shared.title, shared.grow)}>{t('contacts')}</h1>
        <IconButton icon="userPlus" label={t('addFriend')} onClick={() => void navigate('/contacts/new')} />
      </header>
      <div className={shared.tools}>
        <SearchField label={t('searchFriends')} value={query} onChange={setQuery} />
        <Segmented
          block
          aria-label={t('contacts')}
          value={showsRequests ? 'requests' : 'friends'}
          onChange={(value) => void navigate(value === 'requests' ? '/contacts/new' : '/contacts')}
          options={[
            { value: 'friends', label: t('friends') },
            {
              value: 'requests',
              label: (
                <span className={styles.tab}>
                  {t('requests')}
                  <Badge count={requests} label={t('requestCount', { count: requests })} />
                </span>
              ),
            },
          ]}
        />
      </div>
      <div className={shared.scroll}>
        <FriendSection title={t('onlineSection')} people={people.filter((person) => person.online)} />
        <FriendSection title={t('offlineSection')} people={people.filter((person) => !person.online)} />
        {loaded && people.length === 0 && (
          <EmptyState
            title={query.trim() ? t('noMatches', { query: query.trim() }) : t('noFriends')}
            {...(query.trim() ? {} : { text: t('noFriendsText') })}
          />
        )}
      </div>
    </section>
  );
}
