import { Button } from '@/components/common/Button';
import { Suspense, useState } from 'react';
import { useNavigate } from 'react-router';
import { Badge } from '@/components/common/Badge';
import { IconButton } from '@/components/common/IconButton';
import { SearchField } from '@/components/common/SearchField';
import { Tabs } from '@/components/common/Tabs';
import { CreateGroupDialog } from '@/components/group/groupDialogs';
import { ConnectionBanner } from '@/components/session/ConnectionBanner';
import { useMediaQuery } from '@/hooks/useMediaQuery';
import { openRequests, useContactStore } from '@/stores/contactStore';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import { FriendList } from './FriendList';
import { GroupList } from './GroupList';

export type ContactTab = 'friends' | 'groups' | 'requests';

const ADDRESSES: Readonly<Record<ContactTab, string>> = {
  friends: '/contacts',
  groups: '/contacts/groups',
  requests: '/contacts/new',
};

interface ContactListProps {
  readonly tab: ContactTab;
}

/** Friends or groups with a search, and the way to requests and new ones. */
export function ContactList({ tab }: ContactListProps) {
  const navigate = useNavigate();
  // A small screen shows the list or the main part, and each has to say when the connection is gone.
  const isSmall = useMediaQuery('(max-width: 639px)');
  const [query, setQuery] = useState('');
  const [creating, setCreating] = useState(false);
  const requests = useContactStore(openRequests);
  const create = () => setCreating(true);
  const Heading = isSmall ? 'h1' : 'h2';
  return (
    <section
      className={classes(shared.glass, shared.panel)}
      data-part="list"
      aria-label={t('contactList')}
      // Where it is all that shows, it is the main part.
      role={isSmall ? 'main' : undefined}
    >
      <header className={shared.header}>
        <Heading className={classes(shared.title, shared.grow)}>{t('contacts')}</Heading>
        {tab === 'groups' ? (
          <IconButton icon="contacts" label={t('newGroup')} onClick={create} />
        ) : (
          <IconButton icon="userPlus" label={t('addFriend')} onClick={() => void navigate('/contacts/new')} />
        )}
      </header>
      {isSmall && <ConnectionBanner />}
      <div className={shared.tools}>
        <SearchField label={t('searchContacts')} value={query} onChange={setQuery} />
        <Tabs<ContactTab>
          label={t('contacts')}
          chosen={tab}
          onChoose={(wanted) => void navigate(ADDRESSES[wanted])}
          tabs={[
            { name: 'friends', label: t('friends') },
            { name: 'groups', label: t('groupsTab') },
            {
              name: 'requests',
              label: t('requests'),
              badge: <Badge count={requests} label={t('requestCount', { count: requests })} />,
            },
          ]}
        />
      </div>
      <div className={shared.scroll}>
        {tab === 'groups' ? (
          <GroupList query={query} action={<Button onClick={create}>{t('newGroup')}</Button>} />
        ) : (
          <FriendList query={query} />
        )}
      </div>
      {creating && (
        <Suspense fallback={null}>
          <CreateGroupDialog onClose={() => setCreating(false)} />
        </Suspense>
      )}
    </section>
  );
}
