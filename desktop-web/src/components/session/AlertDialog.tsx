import { Button } from 'antd';
import { useEffect, useId, useRef } from 'react';
import { Icon } from '@/components/common/Icon';
import type { TextName } from '@/constants/texts/en';
import { client } from '@/services/client';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import styles from './AlertDialog.module.css';

interface AlertDialogProps {
  readonly title: TextName;
  readonly text: TextName;
  readonly action: TextName;
  readonly onAction: () => void;
}

/** A dialog over the page that only its actions end. The browser keeps the focus inside. */
export function AlertDialog({ title, text, action, onAction }: AlertDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className={styles.dialog}
      role="alertdialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onCancel={(event) => event.preventDefault()}
    >
      <span className={styles.icon}>
        <Icon name="laptop" size="large" />
      </span>
      <h2 id={`${id}-title`}>{t(title)}</h2>
      <p id={`${id}-text`}>{t(text)}</p>
      <div className={styles.actions}>
        <Button onClick={() => void client.signOut()}>{t('signOut')}</Button>
        <Button type="primary" className={classes(shared.primary)} onClick={onAction} autoFocus>
          {t(action)}
        </Button>
      </div>
    </dialog>
  );
}
