import { memo } from 'react';
import { Avatar } from '@/components/common/Avatar';
import { useNow } from '@/hooks/useNow';
import { MAX_MENTIONS } from '@/protocol/limits';
import { useComposerStore } from '@/stores/composerStore';
import { useDraftStore, type Draft } from '@/stores/draftStore';
import { AGAIN_MS, recallKey, useRecallStore, type Recalled } from '@/stores/recallStore';
import type { UserId } from '@/types/ids';
import { classes } from '@/utils/classes';
import { recalledText } from '@/utils/entryText';
import type { RecalledRow } from '@/utils/logRows';
import { mentionsIn, type Mention } from '@/utils/mentions';
import { t } from '@/utils/t';
import { useLogShared } from './logContext';
import styles from './RecalledNote.module.css';

interface RecalledNoteProps {
  readonly row: RecalledRow;
  readonly active: boolean;
}

/** Where a message was that was taken back. Who did so can write it again for some minutes. */
export const RecalledNote = memo(function RecalledNote({ row, active }: RecalledNoteProps) {
  const { conversationId, self, nameOf, calledNames, showsSenders, canWrite } = useLogShared();
  const kept = useRecallStore((state) => state.recalled[recallKey(conversationId, row.seq)]);
  const now = useNow(10_000, kept !== undefined);
  const text = recalledText(row.senderId, row.by, { self, nameOf });
  const again = () => {
    if (!kept) return;
    const field = document.querySelector<HTMLTextAreaElement>('[data-part="main"] form textarea');
    // What was typed a moment ago becomes part of the draft when the field is left, which a press on touch does not do.
    field?.blur();
    const { targets, setTarget } = useComposerStore.getState();
    if (targets[conversationId]?.kind === 'edit') setTarget(conversationId, null);
    const { drafts, setDraft } = useDraftStore.getState();
    const { text: whole, mentions } = joined(kept, drafts[conversationId], calledNames);
    setDraft(conversationId, whole, mentions);
    field?.focus();
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

/** The kept message on lines of its own before what is being written, with the mentions of both. */
function joined(
  { text, mentions }: Recalled,
  draft: Draft | undefined,
  namesOf: (userId: UserId) => readonly string[],
): { readonly text: string; readonly mentions: readonly Mention[] } {
  const written = draft?.text ?? '';
  // It was pressed before.
  const isThere = written === text || written.startsWith(`${text}\n`);
  const called = mentions
    .flatMap((userId) => namesOf(userId).map((label) => ({ userId, label })))
    .filter((mention) => mentionsIn(text, [mention]).length > 0);
  const others = (draft?.mentions ?? []).filter(
    ({ userId, label }) => !called.some((one) => one.userId === userId && one.label === label),
  );
  return {
    text: isThere ? written : [text, written].filter((part) => part.trim() !== '').join('\n'),
    mentions: [...called, ...others].slice(-MAX_MENTIONS),
  };
}
