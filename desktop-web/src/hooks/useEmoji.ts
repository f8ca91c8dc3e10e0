import { useEffect, useState } from 'react';
import { parseEmoji, type EmojiGroup } from '@/utils/emojiSet';
import { report } from '@/utils/report';
import { language, type Language } from '@/utils/t';

/** The emoji of a language are a chunk of their own, fetched with the first picker. */
const LOADERS: Readonly<Record<Language, () => Promise<string>>> = {
  en: async () => (await import('virtual:emoji/en')).emoji,
  zh: async () => (await import('virtual:emoji/zh')).emoji,
};

const loaded = new Map<Language, readonly EmojiGroup[]>();

/** All emoji, named in the page's language; null until they are there. */
export function useEmoji(): readonly EmojiGroup[] | null {
  const spoken = language();
  const [groups, setGroups] = useState(() => loaded.get(spoken) ?? null);
  useEffect(() => {
    if (loaded.has(spoken)) return;
    let gone = false;
    LOADERS[spoken]()
      .then((text) => {
        const parsed = parseEmoji(text);
        loaded.set(spoken, parsed);
        if (!gone) setGroups(parsed);
      })
      .catch((error: unknown) => report('the emoji could not be loaded', error));
    return () => {
      gone = true;
    };
  }, [spoken]);
  return groups;
}
