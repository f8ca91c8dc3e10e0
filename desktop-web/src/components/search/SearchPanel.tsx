import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useNavigate } from 'react-router';
import { IconButton } from '@/components/common/IconButton';
import { SearchField } from '@/components/common/SearchField';
import { Tabs } from '@/components/common/Tabs';
import { ConnectionBanner } from '@/components/session/ConnectionBanner';
import { useChatKeys } from '@/hooks/useChatKeys';
import { useConversationRows } from '@/hooks/useConversationRows';
import { useEscape } from '@/hooks/useEscape';
import { useMediaQuery } from '@/hooks/useMediaQuery';
import { useMessageSearch } from '@/hooks/useMessageSearch';
import { usePeopleSearch } from '@/hooks/usePeopleSearch';
import { useChatStore } from '@/stores/chatStore';
import { useContactStore } from '@/stores/contactStore';
import { useSearchStore } from '@/stores/searchStore';
import { titleOf } from '@/stores/titles';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { searchWords } from '@/utils/searchWords';
import { t } from '@/utils/t';
import { SearchResults } from './SearchResults';
import styles from './SearchPanel.module.css';

export type SearchTab = 'all' | 'messages' | 'people' | 'groups';

interface SearchPanelProps {
  readonly selectedId: string | undefined;
}

/** In place of the list: people and groups by name, messages by their words, here or in one chat only. */
export function SearchPanel({ selectedId }: SearchPanelProps) {
  const navigate = useNavigate();
  const isSmall = useMediaQuery('(max-width: 639px)');
  const { query, scope, chat, asked, setQuery, setScope, close } = useSearchStore();
  const [tab, setTab] = useState<SearchTab>('all');
  const panel = useRef<HTMLElement>(null);
  const field = useRef<HTMLInputElement>(null);
  // Which request for it has the focus already.
  const answered = useRef(-1);
  const conversation = useChatStore((state) => (chat ? state.conversations[chat] : undefined));
  const name = useContactStore((state) => (conversation ? titleOf(conversation, state) : ''));
  // The keys that go from chat to chat keep the order of the list.
  useChatKeys(useConversationRows('all', selectedId), selectedId);
  const places = usePeopleSearch(scope ? '' : query);
  const messages = useMessageSearch(tab === 'people' || tab === 'groups' ? '' : query, scope);

  // A small screen shows the chat first, and then this in its place. Who comes back to results does not want to type.
  const isHidden = isSmall && selectedId !== undefined;
  useEffect(() => {
    if (isHidden || answered.current === asked) return;
    answered.current = asked;
    field.current?.focus();
    field.current?.select();
  }, [asked, isHidden]);

  const leave = () => {
    close();
    // From a small screen's chat one came here, and goes back there.
    if (isSmall && chat) void navigate(`/chats/${chat}`);
  };
  useEscape(leave);
  const keyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    if (event.altKey) return;
    const hits = [...(panel.current?.querySelectorAll<HTMLElement>('[data-hit]') ?? [])];
    const at = hits.findIndex((hit) => hit === document.activeElement);
    event.preventDefault();
    if (event.key === 'ArrowUp' && at <= 0) field.current?.focus();
    else hits[Math.min(hits.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1))]?.focus();
  };

  return (
    <section
      ref={panel}
      className={classes(shared.glass, shared.panel)}
      data-part="list"
      // Where it is all that shows, it is the main part.
      role={isSmall ? 'main' : 'search'}
      aria-label={t('search')}
      onKeyDown={keyDown}
    >
      <header className={classes(shared.header, styles.header)}>
        <IconButton icon="back" label={t('closeSearch')} onClick={leave} />
        <h1 className={classes(shared.title, shared.grow)}>{t('search')}</h1>
      </header>
      {isSmall && <ConnectionBanner />}
      <div className={shared.tools}>
        <SearchField
          label={t(scope ? 'searchInChat' : 'searchAll')}
          value={query}
          onChange={setQuery}
          inputRef={field}
        />
        {conversation && (
          <Tabs<'here' | 'everywhere'>
            label={t('searchScope')}
            chosen={scope ? 'here' : 'everywhere'}
            onChoose={(where) => setScope(where === 'here' ? chat : null)}
            tabs={[
              { name: 'here', label: t('searchHere', { name }) },
              { name: 'everywhere', label: t('searchEverywhere') },
            ]}
          />
        )}
        {!scope && (
          <Tabs<SearchTab>
            label={t('searchKinds')}
            chosen={tab}
            onChoose={setTab}
            tabs={[
              { name: 'all', label: t('all') },
              { name: 'messages', label: t('searchMessages') },
              { name: 'people', label: t('contacts') },
              { name: 'groups', label: t('groups') },
            ]}
          />
        )}
      </div>
      <SearchResults
        tab={scope ? 'messages' : tab}
        isHere={scope !== null}
        query={query.trim()}
        words={searchWords(query)}
        places={places}
        messages={messages}
        selectedId={selectedId}
        onWiden={scope ? () => setScope(null) : tab === 'all' ? null : () => setTab('all')}
      />
    </section>
  );
}
