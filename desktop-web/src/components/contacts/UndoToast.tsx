import { t } from '@/utils/t';
import styles from './UndoToast.module.css';

interface UndoToastProps {
  readonly text: string;
  readonly onUndo: () => void;
}

/** What was done, and the way back for a few seconds. */
export function UndoToast({ text, onUndo }: UndoToastProps) {
  return (
    <span className={styles.toast}>
      {text}
      <button type="button" className={styles.undo} onClick={onUndo}>
        {t('undo')}
      </button>
    </span>
  );
}
