import { Button } from '@/components/common/Button';
import { Suspense, useMemo, useState } from 'react';
import { useNavigate } from 'react-router';
import { EmptyState } from '@/components/common/EmptyState';
import { Icon } from '@/components/common/Icon';
import { IconButton } from '@/components/common/IconButton';
import { PopMenu, type MenuChoice } from '@/components/common/PopMenu';
import type { MenuPlace } from '@/hooks/usePopup';
import { RowSkeleton } from '@/components/common/RowSkeleton';
import { Tabs } from '@/components/common/Tabs';
import { CreateGroupDialog } from '@/components/group/groupDialogs';
import { ConnectionBanner } from '@/components/session/ConnectionBanner';
import type { TextName } from '@/constants/texts/en';
import { useChatKeys } from '@/hooks/useChatKeys';
import { useConversationRows, type ListFilter } from '@/hooks/useConversationRows';
import { useMediaQuery } from '@/hooks/useMediaQuery';
import { useChatStore } from '@/stores/chatStore';
import { useSearchStore } from '@/stores/searchStore';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import { ConversationRows } from './ConversationRows';
import styles from './ConversationList.module.css';

const EMPTY_TITLES: Readonly<Record<ListFilter, TextName>> = {
  all: 'noChats',
  private: 'noPrivate',
  groups: 'noGroups',
  unread: 'noUnread',
  archived: 'noArchived',
};

const SEARCH_KEY = navigator.platform.startsWith('Mac') ? '⌘ K' : 'Ctrl K';

interface ConversationListProps {
  readonly selectedId: string | undefined;
}

/** All chats, newest activity first, in parts. What is archived is behind the menu. */
export function ConversationList({ selectedId }: ConversationListProps) {
  const navigate = useNavigate();
  // A small screen shows either the list or the chat, and each has to say when the connection is gone.
  const isSmall = useMediaQuery('(max-width: 639px)');
  const [filter, setFilter] = useState<ListFilter>('all');
  const [menu, setMenu] = useState<MenuPlace | null>(null);
  const [creating, setCreating] = useState(false);
  const loaded = useChatStore((state) => state.loaded);
  const openSearch = useSearchStore((state) => state.open);
  const rows = useConversationRows(filter, selectedId);
  useChatKeys(rows, selectedId);
  const isArchive = filter === 'archived';
  const choices = useMemo(
    (): readonly MenuChoice[] => [
      { name: t('findPeople'), icon: 'userPlus', act: () => void navigate('/contacts/new') },
      { name: t('archivedChats'), icon: 'archive', act: () => setFilter('archived') },
    ],
    [navigate],
  );

  return (
    <section
      className={classes(shared.glass, shared.panel)}
      data-part="list"
      // Where it is all that shows, it is the main part.
      role={isSmall ? 'main' : undefined}
      aria-label={t('conversationList')}
    >
      <header className={shared.header}>
        {isArchive && <IconButton icon="back" label={t('back')} onClick={() => setFilter('all')} />}
        <h1 className={classes(shared.title, shared.grow)}>{t(isArchive ? 'archivedChats' : 'chats')}</h1>
        {!isArchive && (
          <>
            <IconButton icon="compose" label={t('newGroup')} onClick={() => setCreating(true)} />
            <IconButton
              icon="more"
              label={t('moreOfList')}
              aria-haspopup="menu"
              aria-expanded={menu !== null}
              onClick={({ currentTarget }) => {
                const { right, bottom } = currentTarget.getBoundingClientRect();
                setMenu({ x: right - 208, y: bottom + 4 });
              }}
            />
          </>
        )}
      </header>
      {isSmall && <ConnectionBanner />}
      {!isArchive && (
        <div className={shared.tools}>
          <button
            type="button"
            className={styles.search}
            aria-keyshortcuts="Control+K Meta+K"
            onClick={() => openSearch(null)}
          >
            <Icon name="search" />
            <span className={classes(shared.grow, shared.ellipsis)}>{t('searchAll')}</span>
            <kbd className={styles.key} aria-hidden="true">
              {SEARCH_KEY}
            </kbd>
          </button>
          <Tabs<ListFilter>
            label={t('conversationList')}
            chosen={filter}
            onChoose={setFilter}
            tabs={[
              { name: 'all', label: t('all') },
              { name: 'private', label: t('private') },
              { name: 'groups', label: t('groups') },
              { name: 'unread', label: t('unread') },
            ]}
          />
        </div>
      )}
      {!loaded && <RowSkeleton kind="chats" label={t('loadingChats')} />}
      {loaded && rows.length === 0 && (
        <EmptyState
          title={t(EMPTY_TITLES[filter])}
          {...(filter === 'all' && {
            text: t('noChatsText'),
            action: <Button onClick={() => void navigate('/contacts/new')}>{t('findPeople')}</Button>,
          })}
        />
      )}
      {loaded && rows.length > 0 && <ConversationRows key={filter} rows={rows} selectedId={selectedId} />}
      {menu && (
        <PopMenu label={t('moreOfList')} place={menu} choices={choices} onClose={() => setMenu(null)} />
      )}
      {creating && (
        <Suspense>
          <CreateGroupDialog onClose={() => setCreating(false)} />
        </Suspense>
      )}
    </section>
  );
}
