import { Icon } from '@/components/common/Icon';
import type { IconName } from '@/constants/icons';
import type { TextName } from '@/constants/texts/en';
import shared from '@/theme/shared.module.css';
import { t } from '@/utils/t';
import styles from './ConversationRow.module.css';

interface RowSignProps {
  readonly icon: IconName;
  readonly name: TextName;
}

/** A small sign in a row, with its meaning for readers. */
export function RowSign({ icon, name }: RowSignProps) {
  return (
    <span className={styles.mark}>
      <Icon name={icon} size="small" />
      <span className={shared.hidden}>{t(name)}</span>
    </span>
  );
}
