import { Button } from '@/components/common/Button';
import { useFeedback } from '@/hooks/useFeedback';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { Icon } from '@/components/common/Icon';
import { useAction } from '@/hooks/useAction';
import { useOpenChat } from '@/hooks/useOpenChat';
import { client } from '@/services/client';
import { useAccountStore } from '@/stores/accountStore';
import shared from '@/theme/shared.module.css';
import type { Friend, Profile } from '@/types/person';
import { t } from '@/utils/t';
import { AddButton } from './AddButton';
import { RemarkDialog } from './RemarkDialog';
import styles from './ContactPanel.module.css';

interface PersonActionsProps {
  readonly profile: Profile;
  /** Undefined: not a friend. */
  readonly friend: Friend | undefined;
  readonly name: string;
  readonly blocked: boolean;
}

/** What can be done with somebody: write, name, block, part; or ask to be friends. */
export function PersonActions({ profile, friend, name, blocked }: PersonActionsProps) {
  const navigate = useNavigate();
  const { message, modal } = useFeedback();
  const self = useAccountStore((state) => state.account?.userId);
  const [editing, setEditing] = useState(false);
  const { pending, run } = useAction();
  const openChat = useOpenChat();
  const { userId } = profile;
  const confirm = (title: string, content: string, okText: string, act: () => Promise<void>) =>
    void modal.confirm({
      title,
      content,
      icon: null,
      okText,
      okButtonProps: { danger: true },
      cancelText: t('cancel'),
      onOk: act,
    });
  const remove = async () => {
    if (await run(() => client.removeFriend(userId))) await navigate('/contacts');
  };
  const block = async () => {
    if (await run(() => client.block(userId))) void message.success(t('personBlocked', { name }));
  };
  const unblock = async () => {
    if (await run(() => client.unblock(userId))) void message.success(t('unblocked', { name }));
  };
  if (userId === self)
    return (
      <div className={styles.actions}>
        <Button onClick={() => void navigate('/settings/profile')}>{t('toOwnProfile')}</Button>
      </div>
    );
  return (
    <div className={styles.actions}>
      {friend && !blocked && (
        <Button
          type="primary"
          className={shared.primary ?? ''}
          icon={<Icon name="chat" size="small" />}
          loading={pending}
          onClick={() => void run(() => openChat(userId))}
        >
          {t('message')}
        </Button>
      )}
      {!friend && !blocked && <AddButton profile={profile} />}
      {friend && (
        <Button icon={<Icon name="edit" size="small" />} onClick={() => setEditing(true)}>
          {t('editRemark')}
        </Button>
      )}
      {blocked ? (
        <Button icon={<Icon name="slash" size="small" />} onClick={() => void unblock()}>
          {t('unblock')}
        </Button>
      ) : (
        <Button
          danger
          icon={<Icon name="slash" size="small" />}
          onClick={() => confirm(t('blockTitle', { name }), t('blockText', { name }), t('block'), block)}
        >
          {t('block')}
        </Button>
      )}
      {friend && (
        <Button
          danger
          icon={<Icon name="trash" size="small" />}
          onClick={() =>
            confirm(t('removeFriendTitle', { name }), t('removeFriendText'), t('removeFriend'), remove)
          }
        >
          {t('removeFriend')}
        </Button>
      )}
      {editing && friend && <RemarkDialog friend={friend} onClose={() => setEditing(false)} />}
    </div>
  );
}
