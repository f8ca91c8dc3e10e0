import { useParams } from 'react-router';
import { FriendList } from '@/components/contacts/FriendList';
import { FriendPanel } from '@/components/contacts/FriendPanel';
import { NewFriendsPanel } from '@/components/contacts/NewFriendsPanel';
import { useContactStore } from '@/stores/contactStore';

/** Friends at the left; a friend, or people to become friends with, at the right. */
export function ContactsPage() {
  const { friendId } = useParams();
  const friend = useContactStore((state) => state.friends.find((one) => one.friendId === friendId));
  return (
    <>
      <FriendList showsRequests={friendId === 'new'} />
      {friend ? <FriendPanel key={friend.friendId} friend={friend} /> : <NewFriendsPanel />}
    </>
  );
}
