import { App, Button } from 'antd';
import { Icon } from '@/components/common/Icon';
import { useAction } from '@/hooks/useAction';
import { client } from '@/services/client';
import { useAccountStore } from '@/stores/accountStore';
import { useContactStore } from '@/stores/contactStore';
import shared from '@/theme/shared.module.css';
import type { Profile } from '@/types/person';
import { t } from '@/utils/t';
import { PersonRow } from './PersonRow';
import { Tag } from '@/components/common/Tag';

interface FoundPersonProps {
  readonly profile: Profile;
}

/** Somebody who was found: can be asked, unless that was done or makes no sense. */
export function FoundPerson({ profile }: FoundPersonProps) {
  const { message } = App.useApp();
  const own = useAccountStore((state) => state.account?.profile);
  const isFriend = useContactStore((state) =>
    state.friends.some((friend) => friend.friendId === profile.userId),
  );
  const isAsked = useContactStore((state) =>
    state.sent.some((request) => request.toUserId === profile.userId && request.status === 'pending'),
  );
  const { pending, run } = useAction();
  const ask = async () => {
    const greeting = t('greeting', { name: own?.nickname ?? '' });
    if (await run(() => client.requestFriend(profile.userId, greeting)))
      void message.success(t('requestSent'));
  };
  return (
    <PersonRow profile={profile} text={`@${profile.username}`}>
      {own?.userId === profile.userId && <Tag text={t('thatIsYou')} />}
      {isFriend && <Tag tone="ok" text={t('alreadyFriends')} />}
      {!isFriend && isAsked && <Tag tone="warn" text={t('requested')} />}
      {!isFriend && !isAsked && own?.userId !== profile.userId && (
        <Button
          size="small"
          type="primary"
          className={shared.primary ?? ''}
          icon={<Icon name="userPlus" size="small" />}
          loading={pending}
          onClick={() => void ask()}
        >
          {t('add')}
        </Button>
      )}
    </PersonRow>
  );
}
