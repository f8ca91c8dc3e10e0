import type { MouseEvent } from 'react';
import { IconButton } from '@/components/common/IconButton';
import type { MessageRow } from '@/utils/logRows';
import { t } from '@/utils/t';
import { useLogShared, useMessageTab } from './logContext';
import styles from './MessageActions.module.css';

interface MessageActionsProps {
  readonly row: MessageRow;
}

/** What is done most with a message, beside it while the mouse is there; the rest is in its menu. */
export function MessageActions({ row }: MessageActionsProps) {
  const { canWrite, openMenu, reply } = useLogShared();
  const tab = useMessageTab();
  const open = (part: 'all' | 'reactions') => (event: MouseEvent<HTMLButtonElement>) => {
    const { left, bottom } = event.currentTarget.getBoundingClientRect();
    openMenu(row, { x: left, y: bottom + 4 }, part);
  };
  const canAnswer = canWrite && row.seq !== null;
  return (
    <span className={styles.actions} data-actions="">
      {canAnswer && (
        <>
          <IconButton
            className={styles.often}
            icon="smile"
            label={t('react')}
            tabIndex={tab}
            onClick={open('reactions')}
          />
          <IconButton
            className={styles.often}
            icon="reply"
            label={t('reply')}
            tabIndex={tab}
            onClick={() => reply(row)}
          />
        </>
      )}
      <IconButton
        className={styles.button}
        icon="more"
        label={t('messageMenu')}
        aria-haspopup="menu"
        tabIndex={tab}
        onClick={open('all')}
      />
    </span>
  );
}
