import { App, Button } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import { Icon } from '@/components/common/Icon';
import { IconButton } from '@/components/common/IconButton';
import { ConnectionBanner } from '@/components/session/ConnectionBanner';
import { useAction } from '@/hooks/useAction';
import { useOpenChat } from '@/hooks/useOpenChat';
import { client } from '@/services/client';
import { nameOf, useContactStore } from '@/stores/contactStore';
import shared from '@/theme/shared.module.css';
import type { Friend } from '@/types/person';
import { classes } from '@/utils/classes';
import { formatDate } from '@/utils/time';
import { t } from '@/utils/t';
import { RemarkDialog } from './RemarkDialog';
import styles from './ContactPanel.module.css';

interface FriendPanelProps {
  readonly friend: Friend;
}

/** A friend: write, change the remark, remove. */
export function FriendPanel({ friend }: FriendPanelProps) {
  const navigate = useNavigate();
  const { modal } = App.useApp();
  const { friendId, profile } = friend;
  const name = useContactStore((state) => nameOf(state, friendId));
  const online = useContactStore((state) => state.online[friendId] ?? false);
  const [editing, setEditing] = useState(false);
  const { pending, run } = useAction();
  const openChat = useOpenChat();
  const remove = () =>
    modal.confirm({
      title: t('removeFriendTitle', { name }),
      content: t('removeFriendText'),
      icon: null,
      okText: t('removeFriend'),
      okButtonProps: { danger: true },
      cancelText: t('cancel'),
      onOk: async () => {
        if (await run(() => client.removeFriend(friendId))) await navigate('/contacts');
      },
    });
  return (
    <main className={classes(shared.glass, shared.panel, styles.main)} data-part="main">
      <header className={classes(shared.header, shared.headerLine)}>
        <span className={shared.onlyMobile}>
          <IconButton icon="back" label={t('back')} onClick={() => void navigate('/contacts')} />
        </span>
        <h2 className={classes(shared.title, shared.grow, shared.ellipsis)}>{name}</h2>
      </header>
      <ConnectionBanner />
      <div className={shared.scroll}>
        <div className={styles.friend}>
          <Avatar id={friendId} name={name} size={88} online={online} />
          <h3>{name}</h3>
          <p className={shared.muted}>
            {name === profile.nickname
              ? `@${profile.username}`
              : `${profile.nickname} · @${profile.username}`}
          </p>
          <p className={classes(shared.caption, shared.faint)}>
            {t('friendSince', { date: formatDate(friend.createdAt) })}
          </p>
          <div className={styles.actions}>
            <Button
              type="primary"
              className={shared.primary ?? ''}
              icon={<Icon name="chat" size="small" />}
              loading={pending}
              onClick={() => void run(() => openChat(friendId))}
            >
              {t('message')}
            </Button>
            <Button icon={<Icon name="edit" size="small" />} onClick={() => setEditing(true)}>
              {t('editRemark')}
            </Button>
            <Button danger icon={<Icon name="trash" size="small" />} onClick={() => void remove()}>
              {t('removeFriend')}
            </Button>
          </div>
        </div>
      </div>
      {editing && <RemarkDialog friend={friend} onClose={() => setEditing(false)} />}
    </main>
  );
}
