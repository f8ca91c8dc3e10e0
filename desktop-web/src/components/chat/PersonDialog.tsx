import { Modal } from '@/components/ant/parts';
import { Button } from '@/components/common/Button';
import { Avatar } from '@/components/common/Avatar';
import { useAction } from '@/hooks/useAction';
import { useNames } from '@/hooks/useNames';
import { useOpenChat } from '@/hooks/useOpenChat';
import { client } from '@/services/client';
import { useAccountStore } from '@/stores/accountStore';
import { useContactStore } from '@/stores/contactStore';
import shared from '@/theme/shared.module.css';
import type { UserId } from '@/types/ids';
import { t } from '@/utils/t';
import styles from './PersonDialog.module.css';

interface PersonDialogProps {
  readonly userId: UserId;
  readonly onClose: () => void;
}

/** Who somebody is that a message calls, with the way to them. */
export function PersonDialog({ userId, onClose }: PersonDialogProps) {
  const nameOf = useNames();
  const openChat = useOpenChat();
  const { pending, run } = useAction();
  const account = useAccountStore((state) => state.account);
  const profile = useContactStore((state) => state.profiles[userId]);
  const isFriend = useContactStore((state) => state.friends.some(({ friendId }) => friendId === userId));
  const asked = useContactStore((state) =>
    state.sent.some(({ toUserId, status }) => toUserId === userId && status === 'pending'),
  );
  const name = nameOf(userId);
  const isStranger = account !== null && !account.isGuest && account.userId !== userId;
  const go = async () => {
    if (await run(() => openChat(userId))) onClose();
  };
  return (
    <Modal open title={name} footer={null} width={360} onCancel={onClose}>
      <div className={styles.person}>
        <Avatar id={userId} name={name} size={88} />
        {profile && <p className={shared.muted}>{`@${profile.username}`}</p>}
        {isFriend && (
          <Button type="primary" className={shared.primary ?? ''} loading={pending} onClick={() => void go()}>
            {t('writeTo')}
          </Button>
        )}
        {!isFriend && isStranger && (
          <Button
            loading={pending}
            disabled={asked}
            onClick={() => void run(() => client.requestFriend(userId, ''))}
          >
            {t(asked ? 'personAsked' : 'addPerson')}
          </Button>
        )}
      </div>
    </Modal>
  );
}
