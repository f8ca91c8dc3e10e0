import { useState } from 'react';
import { MessageItem } from '@/components/chat/MessageItem';
import { asUserId } from '@/types/ids';
import type { MessageRow } from '@/utils/logRows';
import { t } from '@/utils/t';
import styles from './AuthFrame.module.css';

const FRIEND = '禾';

/** A small living conversation beside the sign-in card; decoration only. */
export function AuthScene() {
  const [rows] = useState(sceneRows);
  return (
    <div className={styles.scene} aria-hidden="true" inert>
      {rows.map((row) => (
        <MessageItem key={row.key} row={row} senderName={FRIEND} />
      ))}
    </div>
  );
}

function sceneRows(): readonly MessageRow[] {
  const row = {
    kind: 'message',
    time: Date.now(),
    supported: true,
    pending: null,
    continues: false,
    closes: true,
  } as const;
  return [
    { ...row, key: 'question', senderId: asUserId('1'), own: false, text: t('heroQuestion'), delivery: null },
    { ...row, key: 'answer', senderId: asUserId('2'), own: true, text: t('heroAnswer'), delivery: 'read' },
  ];
}
