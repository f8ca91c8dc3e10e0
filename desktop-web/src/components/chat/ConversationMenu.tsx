import { Dropdown, type MenuProps } from 'antd';
import { IconButton } from '@/components/common/IconButton';
import { useAction } from '@/hooks/useAction';
import { client } from '@/services/client';
import type { Conversation } from '@/types/conversation';
import { isMuted } from '@/utils/rights';
import { t } from '@/utils/t';
import styles from './ConversationMenu.module.css';

interface ConversationMenuProps {
  readonly conversation: Conversation;
  readonly name: string;
}

/** What the user sets for a conversation; every device follows. */
export function ConversationMenu({ conversation, name }: ConversationMenuProps) {
  const { id, pinnedAt, archived, tipSeq } = conversation;
  const muted = isMuted(conversation);
  const { run } = useAction();
  const pinned = pinnedAt > 0;
  const items: NonNullable<MenuProps['items']> = [
    {
      key: 'pin',
      label: t(pinned ? 'unpin' : 'pin'),
      onClick: () => void run(() => client.pin(id, !pinned)),
    },
    {
      key: 'mute',
      label: t(muted ? 'unmute' : 'mute'),
      onClick: () => void run(() => client.mute(id, !muted)),
    },
    {
      key: 'archive',
      label: t(archived ? 'unarchive' : 'archive'),
      onClick: () => void run(() => client.archive(id, !archived)),
    },
    { key: 'hide', label: t('hide'), onClick: () => void run(() => client.hide(id, tipSeq)) },
  ];
  return (
    <span className={styles.menu}>
      <Dropdown menu={{ items }} trigger={['click']} placement="bottomRight">
        <IconButton className={styles.button} icon="more" label={t('chatMenu', { name })} />
      </Dropdown>
    </span>
  );
}
