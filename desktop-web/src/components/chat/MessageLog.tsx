import { useCallback, useMemo, useRef, useState } from 'react';
import { Badge } from '@/components/common/Badge';
import { Icon } from '@/components/common/Icon';
import { useLogScroll } from '@/hooks/useLogScroll';
import { useMarkRead } from '@/hooks/useMarkRead';
import { EntryType } from '@/protocol/codes';
import { client } from '@/services/client';
import { useChatStore, type LogView } from '@/stores/chatStore';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import type { Entry } from '@/types/entry';
import type { UserId } from '@/types/ids';
import type { PendingMessage } from '@/types/pending';
import { classes } from '@/utils/classes';
import { layoutLog } from '@/utils/logRows';
import { formatDay } from '@/utils/time';
import { t } from '@/utils/t';
import { MessageItem } from './MessageItem';
import styles from './MessageLog.module.css';

const NO_PENDING: readonly PendingMessage[] = [];
const isText = (entry: Entry) => entry.type === EntryType.Text;

interface MessageLogProps {
  readonly conversation: Conversation;
  readonly log: LogView;
  readonly self: UserId;
  /** Stands before the first message. */
  readonly beginning: string;
  readonly senderName: (senderId: UserId) => string;
  /** More than two talk here: each group of messages has the name of its sender. */
  readonly showsSenders?: boolean;
}

/** The messages of one conversation. Made anew for each conversation, so that its state belongs to one. */
export function MessageLog({
  conversation,
  log,
  self,
  beginning,
  senderName,
  showsSenders = false,
}: MessageLogProps) {
  const { id, peerReadSeq, peerDeliveredSeq } = conversation;
  const pending = useChatStore((state) => state.pending[id]) ?? NO_PENDING;
  // The line stays where it was when the conversation was opened, until it is left.
  const [unreadAfter] = useState(() => (conversation.unread > 0 ? conversation.readSeq : null));
  const [loading, setLoading] = useState(false);
  const underWay = useRef(false);
  const { entries, complete } = log;

  const rows = useMemo(
    () => layoutLog({ self, entries, pending, peerReadSeq, peerDeliveredSeq, unreadAfter, isText }),
    [self, entries, pending, peerReadSeq, peerDeliveredSeq, unreadAfter],
  );

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
                  row={row}
                  senderName={senderName(row.senderId)}
                  showsSender={showsSenders}
                />
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
