import { memo, useRef, type MouseEvent } from 'react';
import { NavLink } from 'react-router';
import { Avatar } from '@/components/common/Avatar';
import { Badge } from '@/components/common/Badge';
import { IconButton } from '@/components/common/IconButton';
import type { MenuPlace } from '@/hooks/usePopup';
import { useLongPress } from '@/hooks/useLongPress';
import { ConversationType, isCountable } from '@/protocol/codes';
import { useAccountStore } from '@/stores/accountStore';
import { useChatStore } from '@/stores/chatStore';
import { useContactStore } from '@/stores/contactStore';
import { titleOf } from '@/stores/titles';
import row from '@/theme/row.module.css';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import type { UserId } from '@/types/ids';
import { classes } from '@/utils/classes';
import type { DeliveryState } from '@/utils/logRows';
import { formatListTime } from '@/utils/time';
import { t } from '@/utils/t';
import { DeliveryMark } from './DeliveryMark';
import { RowPreview } from './RowPreview';
import { RowSign } from './RowSign';
import styles from './ConversationRow.module.css';

interface ConversationRowProps {
  readonly conversation: Conversation;
  readonly isSelected: boolean;
  /** Where Tab enters the list. */
  readonly isStop: boolean;
  readonly muted: boolean;
  /** When the day began, milliseconds since 1970: times are told from it. */
  readonly today: number;
  readonly onMenu: (menu: { readonly id: string; readonly place: MenuPlace }) => void;
}

/** One conversation in the list: who, when, what last, and one of badge, mark and pin. Only what changed is rendered anew. */
export const ConversationRow = memo(function ConversationRow({
  conversation,
  isSelected,
  isStop,
  muted,
  today,
  onMenu,
}: ConversationRowProps) {
  const { id, type, peerId, last, unread, mentions, pinnedAt } = conversation;
  const name = useContactStore((state) => titleOf(conversation, state));
  const online = useContactStore((state) => (peerId ? (state.online[peerId] ?? false) : null));
  const pending = useChatStore((state) => state.pending[id]?.at(-1));
  const self = useAccountStore((state) => state.account?.userId);
  const open = (place: MenuPlace) => onMenu({ id, place });
  // The finger that opened the menu is lifted over the link.
  const held = useRef(false);
  const press = useLongPress((place) => {
    held.current = true;
    open(place);
  });
  const time = pending?.createdAt ?? last?.createdAt;
  const state = pending?.state ?? deliveryOf(conversation, self);

  const showsPin = pinnedAt > 0 && unread === 0 && !state;

  const openAt = (event: MouseEvent<HTMLElement>) => {
    event.preventDefault();
    press.cancel();
    const { left, bottom } = event.currentTarget.getBoundingClientRect();
    // The menu key gives no place of its own.
    const isKey = event.clientX === 0 && event.clientY === 0;
    open(isKey ? { x: left + 64, y: bottom - 16 } : { x: event.clientX, y: event.clientY });
  };
  return (
    <div className={styles.item} data-chat={id}>
      <NavLink
        className={classes(row.row, row.marked, styles.row)}
        to={`/chats/${id}`}
        tabIndex={isStop ? 0 : -1}
        draggable={false}
        onContextMenu={openAt}
        onClick={(event) => held.current && event.preventDefault()}
        {...press.handlers}
        onPointerDown={(event) => {
          held.current = false;
          press.handlers.onPointerDown(event);
        }}
      >
        <Avatar
          id={peerId ?? id}
          name={name}
          size={48}
          online={online}
          group={type === ConversationType.Group}
        />
        <span className={shared.grow}>
          <span className={row.line}>
            <span className={classes(shared.strong, shared.ellipsis)}>{name}</span>
            {pinnedAt > 0 && !showsPin && <span className={shared.hidden}>{t('pinned')}</span>}
            {muted && <RowSign icon="mute" name="muted" />}
            {time !== undefined && (
              <time className={classes(row.time, styles.time)}>
                {formatListTime(time, Math.max(today, Date.now()))}
              </time>
            )}
          </span>
          <span className={row.line}>
            <RowPreview conversation={conversation} pending={pending} isSelected={isSelected} />
            {mentions > 0 && (
              <span className={styles.mention} title={t('mentionCount', { count: mentions })}>
                <span aria-hidden="true">{'@'}</span>
                <span className={shared.hidden}>{t('mentionCount', { count: mentions })}</span>
              </span>
            )}
            {unread > 0 && <Badge count={unread} label={t('unreadCount', { count: unread })} quiet={muted} />}
            {unread === 0 && state && (
              <span className={styles.mark}>
                <DeliveryMark state={state} />
              </span>
            )}
            {showsPin && <RowSign icon="pin" name="pinned" />}
          </span>
        </span>
      </NavLink>
      <IconButton
        className={styles.menu}
        icon="more"
        label={t('chatMenu', { name })}
        aria-haspopup="menu"
        tabIndex={-1}
        onClick={openAt}
      />
    </div>
  );
});

/** How far the last message got, if it is an own one. In a group it is told in the chat by whom it was read. */
function deliveryOf(
  { type, last, peerReadSeq, peerDeliveredSeq }: Conversation,
  self: UserId | undefined,
): DeliveryState | null {
  if (!last || last.senderId !== self || !isCountable(last.type)) return null;
  if (type !== ConversationType.Private) return 'sent';
  if (last.seq <= peerReadSeq) return 'read';
  return last.seq <= peerDeliveredSeq ? 'delivered' : 'sent';
}
