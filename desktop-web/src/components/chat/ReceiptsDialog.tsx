import { Modal } from 'antd';
import { useEffect, useState } from 'react';
import { Avatar } from '@/components/common/Avatar';
import { useNames } from '@/hooks/useNames';
import { client } from '@/services/client';
import shared from '@/theme/shared.module.css';
import type { ConversationId, Seq } from '@/types/ids';
import type { Receipts } from '@/types/receipts';
import { classes } from '@/utils/classes';
import { errorCode } from '@/utils/failure';
import { errorText, t } from '@/utils/t';
import styles from './ReceiptsDialog.module.css';

interface ReceiptsDialogProps {
  readonly conversationId: ConversationId;
  readonly seq: Seq;
  readonly onClose: () => void;
}

/** Who has read an own message in a group, and who has it. */
export function ReceiptsDialog({ conversationId, seq, onClose }: ReceiptsDialogProps) {
  const nameOf = useNames();
  const [receipts, setReceipts] = useState<Receipts | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    client.receipts(conversationId, seq).then(setReceipts, (error: unknown) => {
      setFailure(errorText(errorCode(error)));
    });
  }, [conversationId, seq]);
  return (
    <Modal open title={t('receipts')} footer={null} onCancel={onClose}>
      {failure && <p role="alert">{failure}</p>}
      {receipts && (
        <>
          <p className={shared.muted}>
            {t('receiptCounts', {
              read: receipts.read,
              delivered: receipts.delivered,
              members: receipts.members,
            })}
          </p>
          <ul className={styles.people}>
            {receipts.receipts.map(({ userId, readSeq, deliveredSeq }) => (
              <li key={userId} className={styles.person}>
                <Avatar id={userId} name={nameOf(userId)} size={32} />
                <span className={classes(shared.grow, shared.ellipsis)}>{nameOf(userId)}</span>
                <span className={classes(shared.caption, shared.muted)}>
                  {readSeq >= seq
                    ? t('stateRead')
                    : deliveredSeq >= seq
                      ? t('stateDelivered')
                      : t('stateSent')}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Modal>
  );
}
