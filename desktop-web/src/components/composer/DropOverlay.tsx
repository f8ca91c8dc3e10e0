import { Icon } from '@/components/common/Icon';
import { t } from '@/utils/t';
import styles from './DropOverlay.module.css';

interface DropOverlayProps {
  /** Whose chat it is; empty: not said. */
  readonly name: string;
}

/** Over the whole chat while files are held over it: what letting go does. */
export function DropOverlay({ name }: DropOverlayProps) {
  return (
    <div className={styles.overlay} role="status">
      <div className={styles.frame}>
        <Icon name="attach" size="large" />
        <p>{name ? t('dropFilesTo', { name }) : t('dropFiles')}</p>
        <p className={styles.help}>{t('dropFilesHelp')}</p>
      </div>
    </div>
  );
}
