import { useNames } from '@/hooks/useNames';
import { useTypists } from '@/hooks/useTypists';
import { ConversationType } from '@/protocol/codes';
import { useAccountStore } from '@/stores/accountStore';
import { draftText, useDraftStore } from '@/stores/draftStore';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import type { PendingMessage } from '@/types/pending';
import { classes } from '@/utils/classes';
import { bodyText, previewOf } from '@/utils/entryText';
import { pendingBody } from '@/utils/messageBody';
import { t } from '@/utils/t';
import styles from './ConversationRow.module.css';

interface RowPreviewProps {
  readonly conversation: Conversation;
  /** The newest message that waits to be sent. */
  readonly pending: PendingMessage | undefined;
  /** Its draft is in the composer, not in the list. */
  readonly isSelected: boolean;
}

/** The second line of a row. What weighs most comes first: the draft, that one is called, who wrote. */
export function RowPreview({ conversation, pending, isSelected }: RowPreviewProps) {
  const { id, type, last, mentions } = conversation;
  const self = useAccountStore((state) => state.account?.userId);
  const draft = useDraftStore((state) => (isSelected ? '' : draftText(state, id).trim()));
  const typing = useTypists(id).length > 0;
  const nameOf = useNames();
  const isGroup = type === ConversationType.Group;
  const line = classes(styles.preview, shared.ellipsis);
  if (draft)
    return (
      <span className={line}>
        <span className={styles.draft}>{t('draftPrefix')}</span> {draft}
      </span>
    );
  if (typing) return <span className={classes(line, styles.typing)}>{t('typing')}</span>;
  if (pending)
    return (
      <span className={line}>
        {isGroup && <span className={styles.who}>{t('you')}: </span>}
        {bodyText(pendingBody(pending))}
      </span>
    );
  if (!last) return <span className={line}>{t('noMessages')}</span>;
  const { who, text } = previewOf(last, { self, nameOf }, isGroup);
  return (
    <span className={line}>
      {mentions > 0 && <span className={styles.called}>{`${t('mentionedPrefix')} `}</span>}
      {who && <span className={styles.who}>{`${who}: `}</span>}
      {text}
    </span>
  );
}
