import { Modal } from '@/components/ant/parts';
import { Button } from '@/components/common/Button';
import { useCallback, useEffect, useState } from 'react';
import { Avatar } from '@/components/common/Avatar';
import { CardState } from '@/components/settings/CardState';
import { useNames } from '@/hooks/useNames';
import type { Code } from '@/protocol/codes';
import { client } from '@/services/client';
import shared from '@/theme/shared.module.css';
import type { ConversationId, Seq, UserId } from '@/types/ids';
import type { Receipts } from '@/types/receipts';
import { classes } from '@/utils/classes';
import { errorCode } from '@/utils/failure';
import { t } from '@/utils/t';
import styles from './ReceiptsDialog.module.css';

interface ReceiptsDialogProps {
  readonly conversationId: ConversationId;
  readonly seq: Seq;
  readonly onClose: () => void;
}

/** Who has read an own message in a group, and who has it; a page of members at a time. */
export function ReceiptsDialog({ conversationId, seq, onClose }: ReceiptsDialogProps) {
  const nameOf = useNames();
  const [pages, setPages] = useState<readonly Receipts[]>([]);
  const [loading, setLoading] = useState(true);
  const [failure, setFailure] = useState<Code | null>(null);

  const load = useCallback(
    (after: UserId | null) =>
      client
        .receipts(conversationId, seq, after)
        .then(
          (page) => {
            setFailure(null);
            setPages((before) => (after === null ? [page] : [...before, page]));
          },
          (error: unknown) => setFailure(errorCode(error)),
        )
        .finally(() => setLoading(false)),
    [conversationId, seq],
  );
  useEffect(() => void load(null), [load]);

  const last = pages.at(-1);
  const more = last?.nextUserId ?? null;
  const ask = () => {
    setLoading(true);
    setFailure(null);
    void load(more);
  };
  const people = pages.flatMap(({ receipts }) => receipts);
  const read = people.filter(({ readSeq }) => readSeq >= seq);
  const received = people.filter(({ readSeq, deliveredSeq }) => readSeq < seq && deliveredSeq >= seq);
  const waiting = people.filter(({ deliveredSeq, readSeq }) => readSeq < seq && deliveredSeq < seq);
  const sections = [
    { name: t('readSection'), members: read },
    { name: t('deliveredSection'), members: received },
    { name: t('sentSection'), members: waiting },
  ].filter(({ members }) => members.length > 0);

  return (
    <Modal open title={t('receipts')} footer={null} onCancel={onClose}>
      {last && (
        <p className={shared.muted}>
          {t('receiptCounts', { read: last.read, delivered: last.delivered, members: last.members })}
        </p>
      )}
      <div className={styles.people}>
        {sections.map(({ name, members }) => (
          <section key={name} aria-label={name}>
            <h2 className={classes(shared.label, shared.muted, styles.section)}>{name}</h2>
            <ul>
              {members.map(({ userId }) => (
                <li key={userId} className={styles.person}>
                  <Avatar id={userId} name={nameOf(userId)} size={32} />
                  <span className={classes(shared.grow, shared.ellipsis)}>{nameOf(userId)}</span>
                </li>
              ))}
            </ul>
          </section>
        ))}
        {more !== null && failure === null && (
          <Button block loading={loading} onClick={ask}>
            {t('moreMembers')}
          </Button>
        )}
        {(!last || failure !== null) && (
          <CardState loaded={{ value: undefined, failure, reload: ask }} rows={4} />
        )}
      </div>
    </Modal>
  );
}
