import { Drawer } from '@/components/ant/parts';
import { IconButton } from '@/components/common/IconButton';
import type { Conversation } from '@/types/conversation';
import type { UserId } from '@/types/ids';
import { t } from '@/utils/t';
import { GroupContent } from './GroupContent';
import styles from './GroupDrawer.module.css';

interface GroupDrawerProps {
  readonly conversation: Conversation;
  readonly self: UserId;
  readonly onClose: () => void;
}

/** The panel of a group over its chat. */
export function GroupDrawer({ conversation, self, onClose }: GroupDrawerProps) {
  return (
    <Drawer
      open
      size={320}
      closable={false}
      aria-label={t('groupPanel')}
      classNames={{ section: styles.section ?? '', body: styles.body ?? '' }}
      onClose={onClose}
    >
      <GroupContent
        conversation={conversation}
        self={self}
        close={<IconButton icon="close" label={t('close')} onClick={onClose} />}
      />
    </Drawer>
  );
}
