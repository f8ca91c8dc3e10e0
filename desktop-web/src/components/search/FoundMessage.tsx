import { Link } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import { useNames } from '@/hooks/useNames';
import { ConversationType } from '@/protocol/codes';
import { useAccountStore } from '@/stores/accountStore';
import { useChatStore } from '@/stores/chatStore';
import { useContactStore } from '@/stores/contactStore';
import { titleOf } from '@/stores/titles';
import row from '@/theme/row.module.css';
import shared from '@/theme/shared.module.css';
import type { Entry } from '@/types/entry';
import { classes } from '@/utils/classes';
import { previewOf } from '@/utils/entryText';
import { formatListTime } from '@/utils/time';
import { t } from '@/utils/t';
import { MarkedText } from './MarkedText';
import styles from './SearchPanel.module.css';

interface FoundMessageProps {
  readonly entry: Entry;
  readonly words: readonly string[];
  /** It is the one on the screen. */
  readonly isShown: boolean;
  readonly onChoose: () => void;
}

/** A message that was found: where, when, by whom, and the words in it. */
export function FoundMessage({ entry, words, isShown, onChoose }: FoundMessageProps) {
  const { conversationId, seq, senderId, createdAt } = entry;
  const conversation = useChatStore((state) => state.conversations[conversationId]);
  const title = useContactStore((state) => (conversation ? titleOf(conversation, state) : ''));
  const self = useAccountStore((state) => state.account?.userId);
  const nameOf = useNames();
  const isGroup = conversation?.type === ConversationType.Group;
  const name = title || nameOf(senderId);
  const { who, text } = previewOf(entry, { self, nameOf }, isGroup || senderId === self);
  return (
    <Link
      className={classes(row.row, row.marked, styles.hit)}
      to={`/chats/${conversationId}/${seq}`}
      aria-current={isShown ? 'true' : undefined}
      data-hit=""
      onClick={onChoose}
    >
      <Avatar id={conversation?.peerId ?? conversationId} name={name} group={isGroup} />
      <span className={shared.grow}>
        <span className={row.line}>
          <span className={classes(shared.strong, shared.ellipsis)}>{name || t('unknownPerson')}</span>
          <time className={row.time}>{formatListTime(createdAt)}</time>
        </span>
        <span className={classes(shared.block, shared.label, shared.muted, shared.ellipsis)}>
          {who && <span className={styles.who}>{`${who}: `}</span>}
          <MarkedText text={text} words={words} />
        </span>
      </span>
    </Link>
  );
}
