import { NavLink } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import { Badge } from '@/components/common/Badge';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import type { PendingMessage } from '@/types/pending';
import { classes } from '@/utils/classes';
import { formatListTime } from '@/utils/time';
import { t } from '@/utils/t';
import { DeliveryMark } from './DeliveryMark';
import styles from './ConversationRow.module.css';
import type { DeliveryState } from '@/utils/logRows';

interface ConversationRowProps {
  readonly conversation: Conversation;
  readonly name: string;
  readonly online: boolean | null;
  /** Whether the newest message is one's own. */
  readonly ownLast: boolean;
  /** The newest message that waits to be sent. */
  readonly pending: PendingMessage | undefined;
  readonly draft: string;
}

/** One conversation in the list: who, when, what last, and one of mark or badge. */
export function ConversationRow({
  conversation,
  name,
  online,
  ownLast,
  pending,
  draft,
}: ConversationRowProps) {
  const time = pending?.createdAt ?? conversation.last?.createdAt;
  const state = pending?.state ?? (ownLast ? deliveryOf(conversation) : null);
  const preview = draft || (pending?.text ?? conversation.last?.text ?? t('noMessages'));
  return (
    <NavLink className={styles.row ?? ''} to={`/chats/${conversation.id}`}>
      <Avatar id={conversation.peerId ?? conversation.id} name={name} size={48} online={online} />
      <span className={shared.grow}>
        <span className={styles.line}>
          <span className={classes(shared.strong, shared.ellipsis)}>{name}</span>
          {time !== undefined && <time className={styles.time}>{formatListTime(time)}</time>}
        </span>
        <span className={styles.line}>
          <span className={classes(styles.preview, shared.ellipsis)}>
            {draft && <span className={styles.draft}>{`${t('draft')}: `}</span>}
            {preview}
          </span>
          {state && !draft && conversation.unread === 0 && (
            <span className={styles.mark}>
              <DeliveryMark state={state} />
            </span>
          )}
          <Badge count={conversation.unread} label={t('unreadCount', { count: conversation.unread })} />
        </span>
      </span>
    </NavLink>
  );
}

function deliveryOf({ last, peerReadSeq, peerDeliveredSeq }: Conversation): DeliveryState | null {
  if (!last) return null;
  if (last.seq <= peerReadSeq) return 'read';
  return last.seq <= peerDeliveredSeq ? 'delivered' : 'sent';
}
