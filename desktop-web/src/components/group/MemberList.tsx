import { useCallback, useMemo, useRef, useState, type FocusEvent, type KeyboardEvent } from 'react';
import { Virtualizer } from 'virtua';
import type { MenuPlace } from '@/hooks/usePopup';
import type { TextName } from '@/constants/texts/en';
import { useMemberPages } from '@/hooks/useMemberPages';
import { useNames } from '@/hooks/useNames';
import { useNow } from '@/hooks/useNow';
import { useContactStore } from '@/stores/contactStore';
import { useGroupStore } from '@/stores/groupStore';
import shared from '@/theme/shared.module.css';
import type { Conversation } from '@/types/conversation';
import type { Member } from '@/types/group';
import type { UserId } from '@/types/ids';
import { memberSections, type SectionName } from '@/utils/memberSections';
import { t } from '@/utils/t';
import { MemberMenu } from './MemberMenu';
import { MemberRow } from './MemberRow';
import styles from './MemberList.module.css';

/** A list that is longer draws only what is in sight. */
const VIRTUAL_FROM = 100;
const ROW_PX = 56;

/** So many rows before the end the next page is asked for. */
const AHEAD = 30;
const MINUTE_MS = 60_000;

const TITLES: Readonly<Record<SectionName, TextName>> = {
  online: 'onlineSection',
  offline: 'offlineSection',
  others: 'otherMembers',
};

interface MemberListProps {
  readonly conversation: Conversation;
  readonly self: UserId;
  /** Part of a name; empty: everybody. */
  readonly query: string;
}

/** What stands in a line of the list. */
type Row =
  | { readonly key: string; readonly section: SectionName; readonly count: number }
  | { readonly key: string; readonly member: Member };

interface OpenMenu {
  readonly member: Member;
  readonly place: MenuPlace;
}

const NOBODY: readonly Member[] = [];

/** Who is in a group by presence, those who lead it first. One stop for Tab, arrows move, and large groups come in pages. */
export function MemberList({ conversation, self, query }: MemberListProps) {
  const { id, memberCount } = conversation;
  const scroll = useRef<HTMLDivElement>(null);
  const members = useGroupStore((state) => state.groups[id]?.members ?? NOBODY);
  const online = useContactStore((state) => state.online);
  const nameOf = useNames();
  const now = useNow(MINUTE_MS);
  const { complete, more } = useMemberPages(id, query !== '');
  const [focusedId, setFocusedId] = useState<string | null>(null);
  const [menu, setMenu] = useState<OpenMenu | null>(null);
  const sections = useMemo(
    () => memberSections(members, { self, online, nameOf }, query),
    [members, self, online, nameOf, query],
  );
  const listed = sections.flatMap((section) => section.members);
  // Those whose page is not here yet are among the others.
  const absent = query === '' && !complete ? Math.max(0, memberCount - members.length) : 0;
  const stopId = listed.some(({ userId }) => userId === focusedId)
    ? focusedId
    : listed.find(({ userId }) => userId !== self)?.userId;

  const open = useCallback((member: Member, row: HTMLElement) => {
    const { left, bottom } = row.getBoundingClientRect();
    setMenu({ member, place: { x: left + ROW_PX, y: bottom } });
  }, []);
  const close = useCallback(
    (moved: boolean) => {
      setMenu(null);
      if (!moved)
        rowsOf(scroll.current)
          .find((row) => row.dataset.member === menu?.member.userId)
          ?.focus();
    },
    [menu],
  );
  const focus = ({ target }: FocusEvent<HTMLElement>) => setFocusedId(target.dataset.member ?? null);
  const keyDown = (event: KeyboardEvent<HTMLElement>) => {
    const rows = rowsOf(event.currentTarget);
    const at = rows.findIndex((row) => row === document.activeElement);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: rows.length - 1,
    };
    const next = rows[steps[event.key] ?? -1];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  };

  const rows = sections.flatMap(({ name, members: those }): readonly Row[] => [
    { key: name, section: name, count: those.length + (name === 'others' ? absent : 0) },
    ...those.map((member) => ({ key: member.userId, member })),
  ]);
  const draw = (row: Row) =>
    'section' in row ? (
      <h3 className={styles.section}>
        <span>{t(TITLES[row.section])}</span>
        <span>{row.count}</span>
      </h3>
    ) : (
      <MemberRow
        member={row.member}
        name={nameOf(row.member.userId)}
        isSelf={row.member.userId === self}
        online={online[row.member.userId] ?? null}
        now={now}
        isStop={row.member.userId === stopId}
        isOpen={menu?.member.userId === row.member.userId}
        onOpen={open}
      />
    );

  return (
    <div ref={scroll} className={shared.scroll} onFocus={focus} onKeyDown={keyDown} data-part="members">
      {rows.length > VIRTUAL_FROM ? (
        <div className={styles.rows} role="list" aria-label={t('members')}>
          <Virtualizer
            data={rows}
            itemSize={ROW_PX}
            scrollRef={scroll}
            onScroll={(offset) => {
              const end = offset + (scroll.current?.clientHeight ?? 0);
              if (end / ROW_PX > rows.length - AHEAD) more();
            }}
          >
            {(row) => (
              <div key={row.key} role="listitem">
                {draw(row)}
              </div>
            )}
          </Virtualizer>
        </div>
      ) : (
        <ul className={styles.rows} aria-label={t('members')}>
          {rows.map((row) => (
            <li key={row.key}>{draw(row)}</li>
          ))}
        </ul>
      )}
      {query !== '' && listed.length === 0 && complete && (
        <p className={styles.nobody} role="status">
          {t('noMember', { query })}
        </p>
      )}
      {menu && (
        <MemberMenu
          conversation={conversation}
          member={menu.member}
          place={menu.place}
          now={now}
          onClose={close}
        />
      )}
    </div>
  );
}

function rowsOf(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>('[data-member]') ?? [])];
}
