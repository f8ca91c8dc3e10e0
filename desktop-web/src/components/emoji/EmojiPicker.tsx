import { useMemo, useState, type KeyboardEvent } from 'react';
import { Button } from '@/components/common/Button';
import { SearchField } from '@/components/common/SearchField';
import type { TextName } from '@/constants/texts/en';
import { useEmoji } from '@/hooks/useEmoji';
import { useMediaQuery } from '@/hooks/useMediaQuery';
import { useEmojiStore } from '@/stores/emojiStore';
import { findEmoji, withTone, type Emoji, type EmojiGroupId } from '@/utils/emojiSet';
import { classes } from '@/utils/classes';
import { t } from '@/utils/t';
import { EmojiGrid } from './EmojiGrid';
import { EmojiTones } from './EmojiTones';
import styles from './EmojiPicker.module.css';

/** More are not looked through, one types another word. */
const MAX_FOUND = 120;

type Tab = 'recent' | EmojiGroupId;

const TABS: readonly { readonly tab: Tab; readonly sign: string; readonly name: TextName }[] = [
  { tab: 'recent', sign: '🕘', name: 'emojiRecent' },
  { tab: 0, sign: '😀', name: 'emojiFaces' },
  { tab: 1, sign: '👋', name: 'emojiPeople' },
  { tab: 3, sign: '🐻', name: 'emojiNature' },
  { tab: 4, sign: '🍎', name: 'emojiFood' },
  { tab: 5, sign: '🚲', name: 'emojiTravel' },
  { tab: 6, sign: '⚽', name: 'emojiActivities' },
  { tab: 7, sign: '💡', name: 'emojiObjects' },
  { tab: 8, sign: '💯', name: 'emojiSymbols' },
  { tab: 9, sign: '🏁', name: 'emojiFlags' },
];

interface EmojiPickerProps {
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
  /** Which are offered; all if missing. */
  readonly accepts?: (emoji: string) => boolean;
}

/** Picks an emoji: by category, by a word, or one of the last. The place on the page is the caller's; so is closing after a pick. */
export function EmojiPicker({ onPick, onClose, accepts }: EmojiPickerProps) {
  // On touch the focus would open the keyboard over it.
  const hasKeyboard = useMediaQuery('(hover: hover)');
  const { groups, failed, retry } = useEmoji();
  const { recent, tone, picked } = useEmojiStore();
  const [query, setQuery] = useState('');
  // What was picked lately moves to the front the next time the picker is opened, not under the pointer.
  const [shownRecent] = useState(recent);
  const [chosen, setChosen] = useState<Tab>(recent.length > 0 ? 'recent' : 0);
  const [active, setActive] = useState<Emoji | null>(null);

  const shown = useMemo(() => {
    const list = () => {
      if (!groups) return [];
      if (query.trim()) return findEmoji(groups, query, MAX_FOUND);
      if (chosen === 'recent')
        return shownRecent.map((emoji) =>
          known(
            groups.flatMap((one) => one.emoji),
            emoji,
          ),
        );
      return groups.find(({ id }) => id === chosen)?.emoji ?? [];
    };
    return list().filter((one) => !accepts || accepts(withTone(one, tone)));
  }, [groups, query, chosen, shownRecent, accepts, tone]);

  const pick = (emoji: Emoji) => {
    const sign = withTone(emoji, tone);
    picked(sign);
    onPick(sign);
  };
  const keyDown = (event: KeyboardEvent) => {
    // The keys of an input method are not ours.
    if (event.nativeEvent.isComposing) return;
    const [first] = shown;
    if (event.key === 'Escape') onClose();
    else if (event.key === 'Enter' && event.target instanceof HTMLInputElement && first && query) pick(first);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const title = query.trim() ? 'emojiFound' : (TABS.find(({ tab }) => tab === chosen)?.name ?? 'emoji');

  return (
    <div className={styles.picker} role="dialog" aria-label={t('emoji')} onKeyDown={keyDown}>
      <SearchField label={t('emojiSearch')} value={query} onChange={setQuery} autoFocus={hasKeyboard} />
      <div className={styles.tabs} role="group" aria-label={t('emojiCategories')}>
        {TABS.map(({ tab, sign, name }) => (
          <button
            key={tab}
            type="button"
            className={classes(styles.tab, !query && tab === chosen && styles.chosen)}
            aria-label={t(name)}
            title={t(name)}
            aria-pressed={!query && tab === chosen}
            onClick={() => {
              setQuery('');
              setChosen(tab);
            }}
          >
            <span aria-hidden="true">{sign}</span>
          </button>
        ))}
      </div>
      {failed ? (
        <div className={styles.failed} role="alert">
          <p>{t('emojiFailed')}</p>
          <Button onClick={retry}>{t('tryAgain')}</Button>
        </div>
      ) : (
        <EmojiGrid
          key={query ? 'found' : chosen}
          label={t(title)}
          emoji={shown}
          tone={tone}
          isLoading={groups === null}
          onPick={pick}
          onActive={setActive}
        />
      )}
      <div className={styles.foot}>
        <span className={styles.name}>{active?.name ?? ''}</span>
        <EmojiTones />
      </div>
    </div>
  );
}

/** A picked one with its name; it has its tone already. */
function known(all: readonly Emoji[], emoji: string): Emoji {
  const bare = emoji.replace(/\p{Emoji_Modifier}/gu, '');
  const found = all.find((one) => one.emoji === emoji || one.emoji.replace(/\uFE0F/g, '') === bare);
  return { emoji, name: found?.name ?? emoji, words: '', hasTones: false };
}
