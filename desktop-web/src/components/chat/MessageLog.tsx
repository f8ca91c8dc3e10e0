import { useCallback, useMemo, useRef, useState } from 'react';
import { Badge } from '@/components/common/Badge';
import { Icon } from '@/components/common/Icon';
import { useLogScroll } from '@/hooks/useLogScroll';
import { useMarkRead } from '@/hooks/useMarkRead';
import { ConversationType } from '@/protocol/codes';
import { client } from '@/services/client';
import { useChatStore, type LogView } from '@/stores/chatStore';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import type { UserId } from '@/types/ids';
import type { PendingChange, PendingMessage } from '@/types/pending';
import { classes } from '@/utils/classes';
import { eventText, recalledText } from '@/utils/entryText';
import { foldLog } from '@/utils/fold';
import { layoutLog } from '@/utils/logRows';
import { formatDay } from '@/utils/time';
import { t } from '@/utils/t';
import { MessageItem } from './MessageItem';
import styles from './MessageLog.module.css';

const NO_PENDING: readonly PendingMessage[] = [];
const NO_CHANGES: readonly PendingChange[] = [];

interface MessageLogProps {
  readonly conversation: Conversation;
  readonly log: LogView;
  readonly self: UserId;
  /** Stands before the first message. */
  readonly beginning: string;
  /** The same function as long as the names are. */
  readonly nameOf: (userId: UserId) => string;
  /** More than two talk here: each group of messages has the name of its sender. */
  readonly showsSenders?: boolean;
  readonly canWrite?: boolean;
  /** The user may take back what others wrote. */
  readonly canModerate?: boolean;
}

/** The messages of one conversation. Made anew for each conversation, so that its state belongs to one. */
export function MessageLog({
  conversation,
  log,
  self,
  beginning,
  nameOf,
  showsSenders = false,
  canWrite = true,
  canModerate = false,
}: MessageLogProps) {
  const { id, peerReadSeq, peerDeliveredSeq } = conversation;
  const pending = useChatStore((state) => state.pending[id]) ?? NO_PENDING;
  const changes = useChatStore((state) => state.changes[id]) ?? NO_CHANGES;
  // The line stays where it was when the conversation was opened, until it is left.
  const [unreadAfter] = useState(() =>
    conversation.unread > 0 && conversation.type !== ConversationType.World ? conversation.readSeq : null,
  );
  const [loading, setLoading] = useState(false);
  const underWay = useRef(false);
  const { entries, complete } = log;

  const messages = useMemo(() => foldLog(entries, changes, self), [entries, changes, self]);
  const rows = useMemo(
    () => layoutLog({ self, entries, messages, pending, peerReadSeq, peerDeliveredSeq, unreadAfter }),
    [self, entries, messages, pending, peerReadSeq, peerDeliveredSeq, unreadAfter],
  );
  const people = { self, nameOf };

  const firstSeq = entries[0]?.seq;
  const loadOlder = useCallback(() => {
    if (complete || firstSeq === undefined || underWay.current) return;
    underWay.current = true;
    setLoading(true);
    void client.loadOlder(id, firstSeq).finally(() => {
      underWay.current = false;
      setLoading(false);
    });
  }, [id, firstSeq, complete]);

  const last = rows.at(-1);
  const { scroller, content, onScroll, atEnd, unseen, jumpToEnd } = useLogScroll(
    {
      firstKey: firstSeq === undefined ? rows[0]?.key : String(firstSeq),
      lastKey: last?.key,
      ownLast: last?.kind === 'message' && last.own,
      rowCount: rows.length,
    },
    '[data-unread]',
    loadOlder,
  );
  useMarkRead(conversation, atEnd);

  return (
    <div className={styles.wrap}>
      <div className={classes(shared.scroll, styles.view)} ref={scroller} onScroll={onScroll}>
        <div
          className={styles.log}
          ref={content}
          role="log"
          aria-live={loading ? 'off' : 'polite'}
          aria-relevant="additions"
          aria-label={t('messageLog')}
          tabIndex={0}
        >
          {loading && <p className={styles.note}>{t('loadingOlder')}</p>}
          {complete && <p className={styles.note}>{beginning}</p>}
          {rows.map((row) => {
            if (row.kind === 'message')
              return (
                <MessageItem
                  key={row.key}
                  conversationId={id}
                  row={row}
                  self={self}
                  nameOf={nameOf}
                  showsSender={showsSenders}
                  canWrite={canWrite}
                  canModerate={canModerate}
                />
              );
            if (row.kind === 'event')
              return (
                <p key={row.key} className={styles.event}>
                  {eventText(row.entry, people) ?? t('unsupportedMessage')}
                </p>
              );
            if (row.kind === 'recalled')
              return (
                <p key={row.key} className={styles.event}>
                  {recalledText(row.senderId, row.by, people)}
                </p>
              );
            if (row.kind === 'day')
              return (
                <div key={row.key} className={styles.day}>
                  {formatDay(row.time)}
                </div>
              );
            return (
              <div key={row.key} className={styles.unread} data-unread="">
                {t('newMessages')}
              </div>
            );
          })}
        </div>
      </div>
      {!atEnd && (
        <button
          type="button"
          className={classes(shared.raised, styles.jump)}
          aria-label={unseen > 0 ? t('jumpToNewestCount', { count: unseen }) : t('jumpToNewest')}
          onClick={jumpToEnd}
        >
          <Icon name="down" />
          <Badge className={styles.jumpBadge} count={unseen} label="" />
        </button>
      )}
    </div>
  );
}
