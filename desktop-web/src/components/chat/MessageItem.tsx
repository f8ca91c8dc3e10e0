import { memo, useId, useState, type MouseEvent } from 'react';
import { Avatar } from '@/components/common/Avatar';
import { Tag } from '@/components/common/Tag';
import { useLongPress } from '@/hooks/useLongPress';
import { EntryType } from '@/protocol/codes';
import { classes } from '@/utils/classes';
import type { MessageRow } from '@/utils/logRows';
import { STATE_NAMES } from '@/utils/stateNames';
import { formatClock } from '@/utils/time';
import { t } from '@/utils/t';
import { FailureLine } from './FailureLine';
import { MessageTabContext, useLogShared } from './logContext';
import { MessageActions } from './MessageActions';
import { MessageContent } from './MessageContent';
import { MessageMeta } from './MessageMeta';
import { QuoteBlock } from './QuoteBlock';
import { ReactionRow } from './ReactionRow';
import styles from './MessageItem.module.css';

interface MessageItemProps {
  readonly row: MessageRow;
  /** The Tab key stops here. */
  readonly active: boolean;
  /** Somebody was led here. */
  readonly current: boolean;
  /** Came here just now: outlined for a moment. */
  readonly outlined: boolean;
  /** How many others have read it; null: not said. */
  readonly readBy: number | null;
}

/** One message as a bubble, with what it answers, its time and mark, reactions, and what can be done with it. */
export const MessageItem = memo(function MessageItem({
  row,
  active,
  current,
  outlined,
  readBy,
}: MessageItemProps) {
  const { self, nameOf, roleOf, showsSenders, openMenu } = useLogShared();
  const contentId = useId();
  // Buttons that are not seen would be most of what a row is made of.
  const [hovered, setHovered] = useState(false);
  const { seq, own, body, delivery } = row;
  const time = formatClock(row.time);
  const failed = delivery === 'failed';
  const senderName = nameOf(row.senderId);
  const role = showsSenders && !own && !row.continues ? roleOf(row.senderId) : null;
  const isMedia = body.kind === 'media';
  const isPicture = isMedia && body.type === EntryType.Image && !row.pending && body.caption === '';
  const isFile = isMedia && (row.pending?.upload !== undefined || body.type === EntryType.File);
  const longPress = useLongPress((place) => openMenu(row, place, 'all'));
  const contextMenu = (event: MouseEvent<HTMLElement>) => {
    // A link, a video and chosen text have a menu of the browser's own.
    const target = event.target as Element;
    if (target.closest('a, video, audio') || (getSelection()?.toString() ?? '') !== '') return;
    event.preventDefault();
    longPress.cancel();
    openMenu(row, { x: event.clientX, y: event.clientY }, 'all');
  };
  return (
    <MessageTabContext value={active ? 0 : -1}>
      <article
        className={classes(
          styles.message,
          own && styles.own,
          row.continues && styles.continues,
          outlined && styles.outlined,
        )}
        aria-label={nameOfMessage(own, senderName, time, delivery && STATE_NAMES[delivery])}
        aria-describedby={contentId}
        aria-current={current || undefined}
        tabIndex={active ? 0 : -1}
        data-row={row.key}
        data-state={delivery ?? undefined}
        data-own={own ? '' : undefined}
        onContextMenu={contextMenu}
        onPointerEnter={({ pointerType }) => setHovered(pointerType === 'mouse')}
        onPointerLeave={() => setHovered(false)}
        {...longPress.handlers}
      >
        {!own && (row.closes ? <Avatar id={row.senderId} name={senderName} size={32} /> : <span />)}
        <div className={styles.body}>
          {showsSenders && !own && !row.continues && (
            <p className={styles.sender}>
              {senderName}
              {role && <Tag text={t(role === 'owner' ? 'roleOwner' : 'roleAdmin')} />}
            </p>
          )}
          <div
            className={classes(
              styles.bubble,
              !row.closes && styles.inner,
              isPicture && styles.picture,
              isMedia && !isPicture && !isFile && styles.media,
              isFile && styles.file,
              failed && styles.failed,
              row.waiting && styles.waiting,
            )}
          >
            {row.quote && (
              <QuoteBlock
                quote={row.quote}
                senderName={row.quote.message ? calledName(row.quote.message.senderId, self, nameOf) : ''}
              />
            )}
            <span id={contentId}>
              <MessageContent row={row} />
            </span>
            <MessageMeta
              seq={seq}
              time={row.time}
              edited={row.edited}
              delivery={row.waiting ? 'sending' : delivery}
              readBy={readBy}
              look={isPicture ? 'pill' : isFile ? 'corner' : 'float'}
            />
            {(hovered || active) && <MessageActions row={row} />}
          </div>
          {seq !== null && row.reactions.length > 0 && <ReactionRow seq={seq} reactions={row.reactions} />}
          {failed && row.pending && <FailureLine message={row.pending} />}
        </div>
      </article>
    </MessageTabContext>
  );
});

type Name = (typeof STATE_NAMES)[keyof typeof STATE_NAMES];

function nameOfMessage(own: boolean, sender: string, time: string, state: Name | null): string {
  return own && state
    ? t('messageName', { sender: t('you'), time, state: t(state) })
    : t('messageNameOther', { sender: own ? t('you') : sender, time });
}

function calledName(
  userId: MessageRow['senderId'],
  self: string,
  nameOf: (id: MessageRow['senderId']) => string,
) {
  return userId === self ? t('you') : nameOf(userId);
}
