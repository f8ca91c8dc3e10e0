import { Button } from '@/components/common/Button';
import { useId, useLayoutEffect, useRef } from 'react';
import { Icon } from '@/components/common/Icon';
import type { IconName } from '@/constants/icons';
import type { TextName } from '@/constants/texts/en';
import shared from '@/theme/shared.module.css';
import { t } from '@/utils/t';
import styles from './AlertDialog.module.css';

interface DialogAction {
  readonly text: TextName;
  readonly run: () => void;
}

interface AlertDialogProps {
  readonly icon: IconName;
  readonly title: TextName;
  readonly text: TextName;
  /** What most people want; it has the focus. */
  readonly primary: DialogAction;
  readonly other: DialogAction;
}

/** A dialog over the page that only its actions end. The browser keeps the focus inside and gives it back. */
export function AlertDialog({ icon, title, text, primary, other }: AlertDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const shown = dialog.current;
    if (!shown) return;
    const show = () => {
      if (shown.open) return;
      shown.showModal();
      // The browser would take the first that can have it.
      shown.querySelector<HTMLElement>('button:last-child')?.focus();
    };
    show();
    // A browser that does not know `closedby` closes it when asked twice, whatever `cancel` is answered.
    shown.addEventListener('close', show);
    return () => {
      shown.removeEventListener('close', show);
      // Before it is taken away, or the focus would not go back.
      shown.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={styles.dialog}
      role="alertdialog"
      aria-modal="true"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      closedby="none"
      onKeyDown={(event) => event.key === 'Escape' && event.preventDefault()}
      onCancel={(event) => event.preventDefault()}
    >
      <span className={styles.icon}>
        <Icon name={icon} size="large" />
      </span>
      <h2 id={`${id}-title`}>{t(title)}</h2>
      <p id={`${id}-text`}>{t(text)}</p>
      <div className={styles.actions}>
        <Button onClick={other.run}>{t(other.text)}</Button>
        <Button type="primary" className={shared.primary ?? ''} onClick={primary.run}>
          {t(primary.text)}
        </Button>
      </div>
    </dialog>
  );
}
