import { memo } from 'react';
import { Avatar } from '@/components/common/Avatar';
import { useNow } from '@/hooks/useNow';
import { useComposerStore } from '@/stores/composerStore';
import { useDraftStore } from '@/stores/draftStore';
import { AGAIN_MS, recallKey, useRecallStore } from '@/stores/recallStore';
import { classes } from '@/utils/classes';
import { recalledText } from '@/utils/entryText';
import type { RecalledRow } from '@/utils/logRows';
import { t } from '@/utils/t';
import { useLogShared } from './logContext';
import styles from './RecalledNote.module.css';

interface RecalledNoteProps {
  readonly row: RecalledRow;
  readonly active: boolean;
}

/** Where a message was that was taken back. Who did so can write it again for some minutes. */
export const RecalledNote = memo(function RecalledNote({ row, active }: RecalledNoteProps) {
  const { conversationId, self, nameOf, showsSenders, canWrite } = useLogShared();
  const kept = useRecallStore((state) => state.recalled[recallKey(conversationId, row.seq)]);
  const now = useNow(10_000, kept !== undefined);
  const text = recalledText(row.senderId, row.by, { self, nameOf });
  const again = () => {
    if (!kept) return;
    useComposerStore.getState().setTarget(conversationId, null);
    useDraftStore.getState().setDraft(conversationId, kept.text);
    document.querySelector<HTMLTextAreaElement>('[data-part="main"] form textarea')?.focus();
  };
  return (
    <article
      className={classes(styles.note, row.own && styles.own)}
      aria-label={text}
      tabIndex={active ? 0 : -1}
      data-row={row.key}
    >
      {!row.own &&
        (showsSenders ? <Avatar id={row.senderId} name={nameOf(row.senderId)} size={32} /> : <span />)}
      <p className={styles.text}>
        {text}
        {kept && canWrite && row.own && now - kept.at < AGAIN_MS && (
          <button type="button" className={styles.again} tabIndex={active ? 0 : -1} onClick={again}>
            {t('editAgain')}
          </button>
        )}
      </p>
    </article>
  );
});
