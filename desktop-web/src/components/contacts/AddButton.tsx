import { Button } from '@/components/common/Button';
import { useFeedback } from '@/hooks/useFeedback';
import { Icon } from '@/components/common/Icon';
import { Tag } from '@/components/common/Tag';
import { useAction } from '@/hooks/useAction';
import { client } from '@/services/client';
import { useAccountStore } from '@/stores/accountStore';
import { useContactStore } from '@/stores/contactStore';
import shared from '@/theme/shared.module.css';
import type { Profile } from '@/types/person';
import { t } from '@/utils/t';

interface AddButtonProps {
  readonly profile: Profile;
  readonly small?: boolean;
}

/** Asks somebody to be friends; or says why there is nothing to ask. */
export function AddButton({ profile, small = false }: AddButtonProps) {
  const { message } = useFeedback();
  const { userId } = profile;
  const own = useAccountStore((state) => state.account?.profile);
  const isFriend = useContactStore((state) => state.friends.some((friend) => friend.friendId === userId));
  const isAsked = useContactStore((state) =>
    state.sent.some((request) => request.toUserId === userId && request.status === 'pending'),
  );
  const { pending, run } = useAction();
  const ask = async () => {
    const greeting = t('greeting', { name: own?.nickname ?? '' });
    if (await run(() => client.requestFriend(userId, greeting))) void message.success(t('requestSent'));
  };
  if (own?.userId === userId) return <Tag text={t('thatIsYou')} />;
  if (isFriend) return <Tag tone="ok" text={t('alreadyFriends')} />;
  if (isAsked) return <Tag tone="warn" text={t('requested')} />;
  return (
    <Button
      {...(small ? { size: 'small' as const } : {})}
      type="primary"
      className={shared.primary ?? ''}
      icon={<Icon name="userPlus" size="small" />}
      loading={pending}
      onClick={() => void ask()}
    >
      {t('add')}
    </Button>
  );
}
