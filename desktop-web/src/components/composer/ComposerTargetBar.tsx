import { Icon } from '@/components/common/Icon';
import { IconButton } from '@/components/common/IconButton';
import { useNames } from '@/hooks/useNames';
import type { ComposerTarget } from '@/stores/composerStore';
import shared from '@/theme/shared.module.css';
import type { UserId } from '@/types/ids';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './ComposerTargetBar.module.css';

interface ComposerTargetBarProps {
  readonly target: ComposerTarget;
  readonly self: UserId | undefined;
  readonly onCancel: () => void;
}

/** Over the composer: what is answered, or that a message is edited. */
export function ComposerTargetBar({ target, self, onCancel }: ComposerTargetBarProps) {
  const nameOf = useNames();
  const isEdit = target.kind === 'edit';
  const title = isEdit
    ? t('editing')
    : t('replyingTo', { name: target.senderId === self ? t('youObject') : nameOf(target.senderId) });
  return (
    <div className={styles.bar}>
      <Icon name={isEdit ? 'edit' : 'reply'} />
      <p className={classes(shared.grow, shared.ellipsis)}>
        <b>{title}</b> {target.text}
      </p>
      <IconButton icon="close" label={t(isEdit ? 'cancelEdit' : 'cancelReply')} onClick={onCancel} />
    </div>
  );
}
