import { useEffect, useRef, useState, type FocusEvent, type KeyboardEvent } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import type { MenuPlace } from '@/hooks/usePopup';
import { useNow } from '@/hooks/useNow';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import { isMuted } from '@/utils/rights';
import { t } from '@/utils/t';
import { ConversationMenu } from './ConversationMenu';
import { ConversationRow } from './ConversationRow';

/** A list that is longer draws only what is in sight. */
const VIRTUAL_FROM = 100;
const ROW_PX = 72;
const MINUTE_MS = 60_000;

interface ConversationRowsProps {
  readonly rows: readonly Conversation[];
  readonly selectedId: string | undefined;
}

interface OpenMenu {
  readonly id: string;
  readonly place: MenuPlace;
}

/** The rows: one stop for Tab, arrows, Home and End move between them, and what comes in live does not move the focus. */
export function ConversationRows({ rows, selectedId }: ConversationRowsProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useRef<VirtualizerHandle>(null);
  const [focusedId, setFocusedId] = useState<string | null>(null);
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  // Where the focus was, for when its row goes away; null while it is elsewhere.
  const focusedAt = useRef<number | null>(null);
  // Mutes end, and yesterday comes.
  const now = useNow(MINUTE_MS);
  const today = new Date(now).setHours(0, 0, 0, 0);
  const isKnown = (id: string | null | undefined) => rows.some((row) => row.id === id);
  const stopId = isKnown(focusedId) ? focusedId : isKnown(selectedId) ? selectedId : rows[0]?.id;
  const focusedIndex = rows.findIndex(({ id }) => id === focusedId);
  const opened = rows.find(({ id }) => id === menu?.id);

  useEffect(() => {
    if (focusedAt.current === null) return;
    if (focusedIndex >= 0) {
      focusedAt.current = focusedIndex;
      // A row that had to be drawn first.
      const link = linkOf(scroll.current, rows[focusedIndex]?.id);
      if (link && link !== document.activeElement && !menu) link.focus();
      return;
    }
    linkOf(scroll.current, rows[Math.min(focusedAt.current, rows.length - 1)]?.id)?.focus();
  }, [rows, focusedIndex, menu]);

  // Keys open chats beyond the rows in sight. What comes in live moves rows, and the list stays.
  const shownId = useRef(selectedId);
  useEffect(() => {
    if (shownId.current === selectedId) return;
    shownId.current = selectedId;
    const index = rows.findIndex(({ id }) => id === selectedId);
    if (index < 0) return;
    if (virtual.current) virtual.current.scrollToIndex(index, { align: 'nearest' });
    else linkOf(scroll.current, selectedId)?.scrollIntoView?.({ block: 'nearest' });
  }, [rows, selectedId]);

  const focus = ({ target }: FocusEvent) => {
    const id = idOf(target);
    if (id === null) return;
    setFocusedId(id);
    focusedAt.current = rows.findIndex((row) => row.id === id);
  };
  const blur = ({ relatedTarget, currentTarget }: FocusEvent) => {
    if (!currentTarget.contains(relatedTarget)) focusedAt.current = null;
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = rows.findIndex(({ id }) => id === idOf(event.target));
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: rows.length - 1,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = rows[Math.max(0, Math.min(rows.length - 1, step))];
    if (!next) return;
    setFocusedId(next.id);
    linkOf(scroll.current, next.id)?.focus();
  };
  const closeMenu = (moved: boolean) => {
    setMenu(null);
    if (!moved) linkOf(scroll.current, menu?.id)?.focus();
  };

  const item = (conversation: Conversation) => (
    <ConversationRow
      key={conversation.id}
      conversation={conversation}
      isSelected={conversation.id === selectedId}
      isStop={conversation.id === stopId}
      muted={isMuted(conversation, now)}
      today={today}
      onMenu={setMenu}
    />
  );
  return (
    <div
      ref={scroll}
      className={shared.scroll}
      onFocus={focus}
      onBlur={blur}
      onKeyDown={keyDown}
      data-part="rows"
    >
      {rows.length > VIRTUAL_FROM ? (
        <div className={shared.rows} role="list" aria-label={t('conversationList')}>
          <Virtualizer
            ref={virtual}
            scrollRef={scroll}
            itemSize={ROW_PX}
            keepMounted={focusedIndex >= 0 ? [focusedIndex] : []}
          >
            {rows.map((conversation, index) => (
              <div key={conversation.id} role="listitem" aria-setsize={rows.length} aria-posinset={index + 1}>
                {item(conversation)}
              </div>
            ))}
          </Virtualizer>
        </div>
      ) : (
        <ul className={shared.rows} aria-label={t('conversationList')}>
          {rows.map((conversation) => (
            <li key={conversation.id}>{item(conversation)}</li>
          ))}
        </ul>
      )}
      {menu && opened && (
        <ConversationMenu conversation={opened} place={menu.place} now={now} onClose={closeMenu} />
      )}
    </div>
  );
}

function idOf(target: EventTarget): string | null {
  return target instanceof Element
    ? (target.closest<HTMLElement>('[data-chat]')?.dataset.chat ?? null)
    : null;
}

function linkOf(within: HTMLElement | null, id: string | undefined): HTMLElement | null {
  return id === undefined ? null : (within?.querySelector<HTMLElement>(`[data-chat="${id}"] > a`) ?? null);
}
