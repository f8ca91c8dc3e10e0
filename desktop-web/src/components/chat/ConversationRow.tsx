import { NavLink } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import { Badge } from '@/components/common/Badge';
import { Icon } from '@/components/common/Icon';
import { useTypists } from '@/hooks/useTypists';
import { ConversationType, EntryType } from '@/protocol/codes';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import type { UserId } from '@/types/ids';
import type { PendingMessage } from '@/types/pending';
import { classes } from '@/utils/classes';
import { bodyText, previewText } from '@/utils/entryText';
import type { DeliveryState } from '@/utils/logRows';
import { sentBody } from '@/utils/messageBody';
import { isMuted } from '@/utils/rights';
import { formatListTime } from '@/utils/time';
import { t } from '@/utils/t';
import { ConversationMenu } from './ConversationMenu';
import { DeliveryMark } from './DeliveryMark';
import { RowSign } from './RowSign';
import styles from './ConversationRow.module.css';

interface ConversationRowProps {
  readonly conversation: Conversation;
  readonly name: string;
  readonly self: UserId | undefined;
  readonly nameOf: (userId: UserId) => string;
  readonly online: boolean | null;
  /** The newest message that waits to be sent. */
  readonly pending: PendingMessage | undefined;
  readonly draft: string;
}

/** One conversation in the list: who, when, what last, what the user set for it, and one of mark or badge. */
export function ConversationRow({
  conversation,
  name,
  self,
  nameOf,
  online,
  pending,
  draft,
}: ConversationRowProps) {
  const { id, type, peerId, last, unread, mentions, pinnedAt } = conversation;
  const muted = isMuted(conversation);
  const typing = useTypists(id).length > 0;
  const time = pending?.createdAt ?? last?.createdAt;
  const ownLast = last !== null && last.senderId === self;
  const state = pending?.state ?? (ownLast ? deliveryOf(conversation) : null);
  const people = { self, nameOf };
  const isGroup = type === ConversationType.Group;
  const preview = () => {
    if (draft) return draft;
    if (typing) return t('typing');
    if (pending) return bodyText(sentBody(pending.type ?? EntryType.Text, pending.text));
    return last ? previewText(last, people, isGroup) : t('noMessages');
  };
  return (
    <>
      <NavLink className={styles.row ?? ''} to={`/chats/${id}`}>
        <Avatar id={peerId ?? id} name={name} size={48} online={online} />
        <span className={shared.grow}>
          <span className={styles.line}>
            <span className={classes(shared.strong, shared.ellipsis)}>{name}</span>
            {pinnedAt > 0 && <RowSign icon="pin" name="pinned" />}
            {muted && <RowSign icon="mute" name="muted" />}
            {time !== undefined && <time className={styles.time}>{formatListTime(time)}</time>}
          </span>
          <span className={styles.line}>
            <span className={classes(styles.preview, shared.ellipsis)}>
              {draft && <span className={styles.draft}>{`${t('draft')}: `}</span>}
              {preview()}
            </span>
            {state && !draft && unread === 0 && (
              <span className={styles.mark}>
                <DeliveryMark state={state} />
              </span>
            )}
            {mentions > 0 && (
              <span className={styles.mention}>
                <Icon name="at" size="small" />
                <span className={shared.hidden}>{t('mentionCount', { count: mentions })}</span>
              </span>
            )}
            <Badge
              className={muted ? styles.quiet : undefined}
              count={unread}
              label={t('unreadCount', { count: unread })}
            />
          </span>
        </span>
      </NavLink>
      <ConversationMenu conversation={conversation} name={name} />
    </>
  );
}

function deliveryOf({ last, peerReadSeq, peerDeliveredSeq }: Conversation): DeliveryState | null {
  if (!last) return null;
  if (last.seq <= peerReadSeq) return 'read';
  return last.seq <= peerDeliveredSeq ? 'delivered' : 'sent';
}
