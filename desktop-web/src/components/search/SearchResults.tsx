import { Button } from '@/components/common/Button';
import { EmptyState } from '@/components/common/EmptyState';
import { useAction } from '@/hooks/useAction';
import type { MessageSearch } from '@/hooks/useMessageSearch';
import { useOpenChat } from '@/hooks/useOpenChat';
import type { usePeopleSearch } from '@/hooks/usePeopleSearch';
import { useSearchStore } from '@/stores/searchStore';
import shared from '@/theme/shared.module.css';
import { classes } from '@/utils/classes';
import { errorText, t } from '@/utils/t';
import { FoundMessage } from './FoundMessage';
import { FoundPlace } from './FoundPlace';
import type { SearchTab } from './SearchPanel';
import { SearchSection } from './SearchSection';
import styles from './SearchPanel.module.css';

interface SearchResultsProps {
  readonly tab: SearchTab;
  /** Only one chat is searched. */
  readonly isHere: boolean;
  readonly query: string;
  readonly words: readonly string[];
  readonly places: ReturnType<typeof usePeopleSearch>;
  readonly messages: MessageSearch;
  readonly selectedId: string | undefined;
  /** Searches where there is more; null: everything was searched. */
  readonly onWiden: (() => void) | null;
}

/** What was found: groups and people, then messages, the newest first. */
export function SearchResults({
  tab,
  isHere,
  query,
  words,
  places,
  messages,
  selectedId,
  onWiden,
}: SearchResultsProps) {
  const tour = useSearchStore((state) => state.tour);
  const startTour = useSearchStore((state) => state.startTour);
  const openChat = useOpenChat();
  const { run } = useAction();
  const groups = tab === 'all' || tab === 'groups' ? places.groups : [];
  const people = tab === 'all' || tab === 'people' ? places.people : [];
  const hits = tab === 'all' || tab === 'messages' ? messages.messages : [];
  const count = groups.length + people.length + hits.length;
  const shown = tour?.hits[tour.index];

  if (query === '' && isHere) return <EmptyState title={t('searchInChat')} text={t('searchHereText')} />;
  if (query === '') return <EmptyState title={t('searchStart')} text={t('searchStartText')} />;
  return (
    <div
      className={classes(shared.scroll, messages.isLoading && styles.loading)}
      role="region"
      aria-label={t('searchResults')}
      aria-busy={messages.isLoading}
    >
      <p className={shared.hidden} role="status">
        {messages.isLoading ? '' : t('searchCount', { count })}
      </p>
      {messages.source === 'device' && tab !== 'people' && tab !== 'groups' && (
        <p className={styles.notice}>{t('searchOffline')}</p>
      )}
      <SearchSection title={t('groups')} count={groups.length}>
        {groups.map(({ id, name, memberCount }) => (
          <li key={id}>
            <FoundPlace
              id={id}
              name={name}
              group
              text={t('memberCount', { count: memberCount })}
              words={words}
              to={`/chats/${id}`}
            />
          </li>
        ))}
      </SearchSection>
      <SearchSection title={t('contacts')} count={people.length}>
        {people.map(({ userId, name, username, isKnown }) => (
          <li key={userId}>
            <FoundPlace
              id={userId}
              name={name}
              text={username}
              words={words}
              to={`/contacts/${userId}`}
              {...(isKnown && { onChoose: () => void run(() => openChat(userId)) })}
            />
          </li>
        ))}
      </SearchSection>
      <SearchSection title={t('searchMessages')} count={hits.length} open={messages.loadMore !== null}>
        {hits.map((entry, index) => (
          <li key={entry.messageId}>
            <FoundMessage
              entry={entry}
              words={words}
              isShown={selectedId === entry.conversationId && shown?.messageId === entry.messageId}
              onChoose={() => startTour({ hits, index, words })}
            />
          </li>
        ))}
      </SearchSection>
      {hits.length > 0 && messages.loadMore && (
        <Button className={styles.more ?? ''} type="text" block onClick={messages.loadMore}>
          {t('searchMore')}
        </Button>
      )}
      {count === 0 && !messages.isLoading && (
        <EmptyState
          title={messages.failure === null ? t('searchNothing', { query }) : errorText(messages.failure)}
          text={t(onWiden ? 'searchNothingHere' : 'searchNothingText')}
          {...(onWiden && { action: <Button onClick={onWiden}>{t('searchWiden')}</Button> })}
        />
      )}
    </div>
  );
}
