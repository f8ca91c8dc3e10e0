import { Button } from '@/components/common/Button';
import { useMemo } from 'react';
import { useNavigate } from 'react-router';
import { EmptyState } from '@/components/common/EmptyState';
import { RowSkeleton } from '@/components/common/RowSkeleton';
import { useConnectionStore } from '@/stores/connectionStore';
import { nameOf, useContactStore } from '@/stores/contactStore';
import { t } from '@/utils/t';
import { FriendSection } from './FriendSection';

interface FriendListProps {
  readonly query: string;
}

/** All friends whose names fit, those online first. */
export function FriendList({ query }: FriendListProps) {
  const navigate = useNavigate();
  const contacts = useContactStore();
  const offline = useConnectionStore(({ connection }) => connection.phase === 'offline');
  const wanted = query.trim().toLowerCase();
  const people = useMemo(
    () =>
      contacts.friends
        .map((friend) => ({
          friend,
          name: nameOf(contacts, friend.friendId),
          online: contacts.online[friend.friendId] ?? false,
        }))
        .filter(({ friend, name }) =>
          `${name} ${friend.profile.nickname} ${friend.profile.username}`.toLowerCase().includes(wanted),
        )
        .sort((a, b) => a.name.localeCompare(b.name)),
    [contacts, wanted],
  );
  if (!contacts.known && offline)
    return <EmptyState title={t('contactsUnknown')} text={t('contactsUnknownText')} />;
  if (!contacts.known) return <RowSkeleton kind="people" label={t('contactLoading')} />;
  if (people.length === 0 && wanted) return <EmptyState title={t('noMatches', { query: query.trim() })} />;
  if (people.length === 0)
    return (
      <EmptyState
        title={t('noFriends')}
        text={t('noFriendsText')}
        action={<Button onClick={() => void navigate('/contacts/new')}>{t('addFriend')}</Button>}
      />
    );
  return (
    <>
      <FriendSection title={t('onlineSection')} people={people.filter((person) => person.online)} />
      <FriendSection title={t('offlineSection')} people={people.filter((person) => !person.online)} />
    </>
  );
}
