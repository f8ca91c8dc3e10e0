import { Button, Segmented } from 'antd';
import { useMemo, useState } from 'react';
import { useNavigate } from 'react-router';
import { EmptyState } from '@/components/common/EmptyState';
import { IconButton } from '@/components/common/IconButton';
import { SearchField } from '@/components/common/SearchField';
import { CreateGroupDialog } from '@/components/group/CreateGroupDialog';
import { ConnectionBanner } from '@/components/session/ConnectionBanner';
import { useMediaQuery } from '@/hooks/useMediaQuery';
import { useNames } from '@/hooks/useNames';
import { useAccountStore } from '@/stores/accountStore';
import { orderedConversations, useChatStore } from '@/stores/chatStore';
import { useContactStore } from '@/stores/contactStore';
import { useDraftStore } from '@/stores/draftStore';
import { titleOf } from '@/stores/titles';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import { ConversationRow } from './ConversationRow';
import styles from './ConversationList.module.css';

type Filter = 'all' | 'unread' | 'archived';

interface ConversationListProps {
  /** Its draft is in the composer, not in the list. */
  readonly selectedId: string | undefined;
}

/** All chats, newest activity first, with a filter and a search by name. */
export function ConversationList({ selectedId }: ConversationListProps) {
  const navigate = useNavigate();
  // A small screen shows either the list or the chat, and each has to say when the connection is gone.
  const isSmall = useMediaQuery('(max-width: 639px)');
  const [query, setQuery] = useState('');
  const [filter, setFilter] = useState<Filter>('all');
  const conversations = useChatStore((state) => state.conversations);
  const pending = useChatStore((state) => state.pending);
  const loaded = useChatStore((state) => state.loaded);
  const friends = useContactStore((state) => state.friends);
  const profiles = useContactStore((state) => state.profiles);
  const online = useContactStore((state) => state.online);
  const nameOf = useNames();
  const [creating, setCreating] = useState(false);
  const drafts = useDraftStore((state) => state.drafts);
  const self = useAccountStore((state) => state.account?.userId);

  const rows = useMemo(() => {
    const wanted = query.trim().toLowerCase();
    return orderedConversations({ conversations, pending })
      .map((conversation) => ({
        conversation,
        name: titleOf(conversation, { friends, profiles }),
      }))
      .filter(({ conversation, name }) => {
        if (filter === 'unread' && conversation.unread === 0 && conversation.id !== selectedId) return false;
        // What is put away is found by its name all the same.
        if (wanted === '' && conversation.archived !== (filter === 'archived')) return false;
        return name.toLowerCase().includes(wanted);
      });
  }, [conversations, pending, friends, profiles, query, filter, selectedId]);

  return (
    <section
      className={classes(shared.glass, shared.panel)}
      data-part="list"
      aria-label={t('conversationList')}
    >
      <header className={shared.header}>
        <h1 className={classes(shared.title, shared.grow)}>{t('chats')}</h1>
        <IconButton icon="contacts" label={t('newGroup')} onClick={() => setCreating(true)} />
        <IconButton icon="userPlus" label={t('findPeople')} onClick={() => void navigate('/contacts/new')} />
      </header>
      {isSmall && <ConnectionBanner />}
      <div className={shared.tools}>
        <SearchField label={t('searchChats')} value={query} onChange={setQuery} />
        <Segmented<Filter>
          block
          aria-label={t('conversationList')}
          value={filter}
          onChange={setFilter}
          options={[
            { value: 'all', label: t('all') },
            { value: 'unread', label: t('unread') },
            { value: 'archived', label: t('archived') },
          ]}
        />
      </div>
      {loaded && rows.length === 0 && (
        <EmptyState
          title={emptyTitle(query.trim(), filter)}
          {...(query || filter !== 'all'
            ? {}
            : {
                text: t('noChatsText'),
                action: <Button onClick={() => void navigate('/contacts/new')}>{t('findPeople')}</Button>,
              })}
        />
      )}
      <div className={shared.scroll}>
        <ul className={shared.rows}>
          {rows.map(({ conversation, name }) => (
            <li key={conversation.id} className={styles.item}>
              <ConversationRow
                conversation={conversation}
                name={name}
                self={self}
                nameOf={nameOf}
                online={conversation.peerId ? (online[conversation.peerId] ?? false) : null}
                pending={pending[conversation.id]?.at(-1)}
                draft={conversation.id === selectedId ? '' : (drafts[conversation.id] ?? '')}
              />
            </li>
          ))}
        </ul>
      </div>
      {creating && <CreateGroupDialog onClose={() => setCreating(false)} />}
    </section>
  );
}

function emptyTitle(query: string, filter: Filter): string {
  if (query) return t('noMatches', { query });
  if (filter === 'archived') return t('noArchived');
  return filter === 'unread' ? t('noUnread') : t('noChats');
}
