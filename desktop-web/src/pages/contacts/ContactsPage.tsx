import { useMatch, useParams } from 'react-router';
import { ContactList } from '@/components/contacts/ContactList';
import { NewFriendsPanel } from '@/components/contacts/NewFriendsPanel';
import { PersonPanel } from '@/components/contacts/PersonPanel';
import { asUserId } from '@/types/ids';

/** Friends and groups at the left; a person, or people to become friends with, at the right. */
export function ContactsPage() {
  const { friendId } = useParams();
  const showsGroups = useMatch('/contacts/groups') !== null;
  const tab = friendId === 'new' ? 'requests' : showsGroups ? 'groups' : 'friends';
  const person = friendId && friendId !== 'new' && friendId !== 'groups' ? asUserId(friendId) : null;
  return (
    <>
      <ContactList tab={tab} />
      {person ? <PersonPanel key={person} userId={person} /> : <NewFriendsPanel />}
    </>
  );
}
